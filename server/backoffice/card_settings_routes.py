"""How the program's card shows itself, as its owner sets it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody

from kit.database import Connection, connect
from programs.card_settings import CardSettings, CardTerms
from programs.card_settings_repository import find_card_settings, update_card_settings
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.writes import write

Terms = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=20_000,
        pattern=r"\S",
        description="something else than spaces",
        examples=["https://kissa.example/terms"],
    ),
]


class CardTermsChange(Body, frozen=True):
    """The terms of use, in each language the text itself or the `https://` address where it stands."""

    ja: Terms | None = None
    """In Japanese; null: who reads Japanese is shown the other."""
    en: Terms | None = None
    """In English; null: who reads English is shown the other."""


class CardSettingsChange(Body, frozen=True):
    """How the program's card is to show itself."""

    colour: Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-f]{6}(?!\n)$", examples=["#7a3b2e"])] | None = None
    """`#` and six hexadecimal digits. Null: that of the card in Google Wallet, else Noren's own."""
    terms: CardTermsChange = CardTermsChange()
    """What the shopper agrees to by joining."""
    privacy_url: (
        Annotated[
            str,
            msgspec.Meta(pattern=r"^https://[!-~]+(?!\n)$", max_length=500, examples=["https://kissa.example/privacy"]),
        ]
        | None
    ) = None
    """Where the program's privacy policy stands; null: it has told none."""


class CardSettingsController(Controller):
    path = "/v1/program/card"
    tags = ("Program",)

    @get(operation_id="getCardSettings", summary="How the program's card shows itself")
    async def get_card_settings(self, staff: SessionDependency, services: ServicesDependency) -> CardSettings:
        async with connect(services.pool) as conn:
            return await find_card_settings(conn, staff.program_id)

    @put(operation_id="updateCardSettings", summary="Set the card's colour, the terms and the privacy policy")
    async def update_card_settings(
        self, data: JSONBody[CardSettingsChange], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[CardSettings]:
        """The card's page shows it at once; where Google Wallet has no colour of its own, it takes this one."""
        settings = CardSettings(data.colour, CardTerms(data.terms.ja, data.terms.en), data.privacy_url)

        async def work(conn: Connection, _: datetime) -> CardSettings:
            await update_card_settings(conn, staff.program_id, settings)
            return settings

        return await write(request, services, work)

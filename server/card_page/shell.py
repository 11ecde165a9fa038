"""The one page of the card: all views, and what they are told of the program. The worker's version is its text."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from kit.database import Connection
from kit.locales import LOCALES
from programs import mail_settings_repository, programs_repository
from programs.card_settings import choose_terms
from programs.card_settings_repository import find_card_settings
from programs.programs_repository import Program
from server.card_page.account_words import SAID as ACCOUNT_SAID
from server.card_page.contact_words import SAID as CONTACT_SAID
from server.card_page.liff_words import SAID as LIFF_SAID
from server.card_page.offer_words import SAID as OFFER_SAID
from server.card_page.views import EAGER, NEXT, ON_DEMAND, TABS, VIEWS
from server.card_page.words import CARD
from server.faces.assets import read_assets
from server.faces.pages import render
from server.faces.programs import find_program_of

SHELL = "card/shell.html"
# What is asked before one joins, in this order. Contacts are asked for when there is one.
_ASKED = ("push", "location", "profiling")
# Of the wordings below: whoever changes one gives it another.
CONSENT_TEXTS = "2026-11"


class Shell(msgspec.Struct, frozen=True):
    program: Program
    values: Mapping[str, Any]

    @property
    def base(self) -> str:
        return f"/card/{self.program.code}/"

    @property
    def files(self) -> Sequence[str]:
        """All that it is made of besides itself."""
        assets = read_assets()
        own = [f"{self.base}{name}" for name in ("colours.css", "manifest.webmanifest", "icon-192.png")]
        shared = [assets.urls[name] for name in ("icon.svg", "noren.css", "card.css")]
        modules = [url for name, url in assets.modules["card"].items() if not name.startswith((ON_DEMAND, "/"))]
        return [*own, *shared, *modules]

    @property
    def version(self) -> str:
        """Another text or another file is another version."""
        alike = {"nonce": "", "other_url": "", "is_recoverable": False, **self.values}
        texts = [render(SHELL, CARD, locale, "card", **alike) for locale in LOCALES]
        return hashlib.sha256("\n".join([*texts, *self.files]).encode()).hexdigest()[:16]


async def read_shell(conn: Connection, code: str) -> Shell:
    """Raises Problem."""
    program = await find_program_of(conn, code)
    enrolment = await programs_repository.find_enrolment_settings(conn, program.id)
    card = await find_card_settings(conn, program.id)
    mail = await mail_settings_repository.find_mail_settings(conn, program.id)
    return Shell(
        program,
        {
            "program": program,
            "asked": _ASKED,
            "consent_texts": CONSENT_TEXTS,
            "runs_it": mail,
            "may_join": enrolment.may_browsers_join,
            "terms": {locale: choose_terms(card.terms, locale) for locale in LOCALES},
            "privacy_url": card.privacy_url,
            "app_url": _app_url(enrolment.join_url, program.code),
            "views": VIEWS,
            "tabs": TABS,
            "eager": EAGER,
            "next": NEXT,
            "said": (*OFFER_SAID, *ACCOUNT_SAID, *CONTACT_SAID, *LIFF_SAID),
        },
    )


def _app_url(base: str | None, code: str) -> str | None:
    """The app's, as `PUT /v1/program/enrolment` has it; nobody has installed the scheme that is for development."""
    return None if base is None else f"{base}{'&' if '?' in base else '?'}{urlencode({'program': code})}"

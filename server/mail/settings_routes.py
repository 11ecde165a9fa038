"""What a program tells of its e-mail before it sends any."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody

from ids import ProgramId
from kit.database import Connection, connect
from programs.mail_settings import MailSettings
from programs.mail_settings_repository import find_mail_settings, set_mail_settings
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write


def _words(most: int, example: str) -> msgspec.Meta:
    return msgspec.Meta(min_length=1, max_length=most, pattern=r"\S", description="words", examples=[example])


class MailSettingsChange(Body, frozen=True, kw_only=True):
    """What stands in each e-mail of a campaign, as the law of Japan (特定電子メール法) wants it; and how fast they
    go."""

    sender_name: Annotated[str, _words(100, "喫茶さくら株式会社")]
    """Whose e-mail it is: the name of the company or shop that answers for it."""
    postal_address: Annotated[str, _words(300, "東京都新宿区新宿1-2-3")]
    """Where they are."""
    contact: Annotated[str, _words(200, "https://kissa.example/contact")]
    """Where questions and complaints go: a phone number, an e-mail address or a web address."""
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    """How many e-mails of campaigns go out a minute at most, over all servers. Null: as many as the mail server
    takes."""
    is_double_opt_in: bool = False
    """Whether consent to e-mail counts only once the person has followed the link in an e-mail that asks for it."""


class OwnMailSettings(msgspec.Struct, frozen=True):
    """The program's; null: it has told nothing yet, and sends no e-mail of campaigns."""

    settings: MailSettings | None
    """What it has told."""


class MailSettingsController(Controller):
    path = "/v1/program/mail"
    tags = ("E-mail",)

    @get(operation_id="getMailSettings", summary="Who the program's e-mails are from, and how fast they go")
    async def get_mail_settings(self, staff: SessionDependency, services: ServicesDependency) -> OwnMailSettings:
        async with connect(services.pool) as conn:
            return OwnMailSettings(await find_mail_settings(conn, staff.program_id))

    @put(operation_id="updateMailSettings", summary="Tell who the program's e-mails are from")
    async def update_mail_settings(
        self, data: JSONBody[MailSettingsChange], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[OwnMailSettings]:
        """They hold for what goes out from now on. Without them no e-mail of a campaign is sent."""

        async def work(conn: Connection, now: datetime) -> OwnMailSettings:
            return await change_mail_settings(conn, services, staff.program_id, data, now)

        return await write(request, services, work)


async def change_mail_settings(
    conn: Connection, services: Services, program_id: ProgramId, data: MailSettingsChange, now: datetime
) -> OwnMailSettings:
    """Raises Problem."""
    if data.is_double_opt_in and services.settings.public_url is None:
        raise Problem("channel-not-configured", "Leave is_double_opt_in out: the server has no address for such links.")
    settings = MailSettings(**msgspec.structs.asdict(data))
    await set_mail_settings(conn, program_id, settings, now)
    return OwnMailSettings(settings)

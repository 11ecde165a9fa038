"""What a program's messages to members keep to: when no phone rings, and how many there are."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody

from kit.database import Connection, connect
from programs import programs_repository
from programs.programs_repository import MessageSettings
from programs.staff_repository import Session
from server.backoffice.program_routes import SettingsVersion, take_version
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.quiet_hours import QuietHours, read_quiet_hours, view_quiet_hours
from server.web.writes import write


class MessageRules(Body, frozen=True, kw_only=True):
    """They hold for the messages of campaigns. Codes that somebody waits for, and alerts about a member's own card, go
    out at once."""

    quiet_hours: QuietHours | None
    """When no phone rings, by each member's own clock: coupons are issued, and their pushes wait for the end. A
    campaign may have its own; a member's own wish comes on top of both. Null: there are none."""
    day_cap: Annotated[int, msgspec.Meta(ge=0, le=50)]
    """How many messages a member gets on a day of their calendar at most, over all campaigns."""
    week_cap: Annotated[int, msgspec.Meta(ge=0, le=200)]
    """How many on seven days in a row at most."""
    day_quota: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None
    """How many the program sends on a day of its own calendar (`time_zone`) at most, to all members together. Null: any
    number."""
    phones: Literal["latest", "all"]
    """On which of a member's phones a push rings. `latest`: on the one that earned it at a door, else on the one that
    was seen last. `all`: on each, ten at most. Either way it is one message, and counts once."""
    version: SettingsVersion = None
    """That of the program (`GET /v1/program`). Send it as it was read, so that nobody else's change is lost:
    `program-changed` where it is another one now. Null: whatever it is."""


class MessageRulesController(Controller):
    path = "/v1/program/messages"
    tags = ("Program",)

    @get(operation_id="getMessageRules", summary="When phones may ring, and how often")
    async def get_message_rules(self, staff: SessionDependency, services: ServicesDependency) -> MessageRules:
        async with connect(services.pool) as conn:
            return _view(await programs_repository.find_message_settings(conn, staff.program_id))

    @put(operation_id="updateMessageRules", summary="Change when phones may ring, and how often")
    async def update_message_rules(
        self, data: JSONBody[MessageRules], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[MessageRules]:
        """They hold for what is sent from now on, also for messages that wait already."""

        async def work(conn: Connection, _: datetime) -> MessageRules:
            return await change_message_rules(conn, staff, data)

        return await write(request, services, work)


async def change_message_rules(conn: Connection, staff: Session, data: MessageRules) -> MessageRules:
    """Raises Problem."""
    await take_version(conn, staff, data.version)
    settings = MessageSettings(
        quiet_hours=read_quiet_hours(data.quiet_hours),
        day_cap=data.day_cap,
        week_cap=data.week_cap,
        day_quota=data.day_quota,
        phones=data.phones,
    )
    await programs_repository.update_message_settings(conn, staff.program_id, settings)
    return _view(await programs_repository.find_message_settings(conn, staff.program_id))


def _view(settings: MessageSettings) -> MessageRules:
    return MessageRules(
        quiet_hours=view_quiet_hours(settings.quiet_hours),
        day_cap=settings.day_cap,
        week_cap=settings.week_cap,
        day_quota=settings.day_quota,
        phones=settings.phones,
        version=settings.version,
    )

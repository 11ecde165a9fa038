"""When a member wants to be left alone. The wish adds to the program's hours and takes nothing from them."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody

from ids import MemberId, ProgramId
from kit.database import Connection, connect
from members import members_repository
from programs import programs_repository
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.fields import Body
from server.web.quiet_hours import QuietHours, read_quiet_hours, view_quiet_hours
from server.web.writes import write


class QuietHoursWish(Body, frozen=True):
    """What the member asks for."""

    own: QuietHours | None
    """When no phone of theirs is to ring, on top of the program's quiet hours. Null: they ask for nothing more."""


class MemberQuietHours(msgspec.Struct, frozen=True):
    """No phone rings for a campaign in either of the two, by the clock of the member's time zone."""

    own: QuietHours | None
    """What the member asks for."""
    program: QuietHours | None
    """What the program keeps to anyway; a campaign may have other hours of its own."""


class OwnQuietHoursController(Controller):
    path = "/v1/me/quiet-hours"
    tags = ("Member",)

    @get(operation_id="getMyQuietHours", summary="When no phone of the member's rings")
    async def get_my_quiet_hours(self, device: DeviceDependency, services: ServicesDependency) -> MemberQuietHours:
        async with connect(services.pool) as conn:
            return await _read(conn, device.program_id, device.member_id)

    @put(operation_id="setMyQuietHours", summary="Set when no phone of the member's is to ring")
    async def set_my_quiet_hours(
        self, data: JSONBody[QuietHoursWish], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[MemberQuietHours]:
        """It holds for all of the member's phones, also for messages that wait already."""

        async def work(conn: Connection, _: datetime) -> MemberQuietHours:
            await lock_active_device(conn, device)
            await members_repository.set_quiet_hours(conn, device.member_id, read_quiet_hours(data.own))
            return await _read(conn, device.program_id, device.member_id)

        return await write(request, services, work)


async def _read(conn: Connection, program_id: ProgramId, member_id: MemberId) -> MemberQuietHours:
    own = await members_repository.find_quiet_hours(conn, member_id)
    settings = await programs_repository.find_message_settings(conn, program_id)
    return MemberQuietHours(view_quiet_hours(own), view_quiet_hours(settings.quiet_hours))

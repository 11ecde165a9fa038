"""`count_own`: how many members an audience has, as somebody of the staff is told it."""

from zoneinfo import ZoneInfo

from ids import ProgramId
from kit.clock import utc_now
from kit.database import Connection
from programs.programs_repository import find_program
from programs.staff_repository import Session
from server.audiences import save
from server.audiences.bodies import AudienceCountRequest
from server.audiences.count import count
from server.audiences.settle_tree import SettledTree, settle_saved, settle_tree
from server.audiences.size import AudienceSize
from server.problems import Problem
from server.web.scoping import scope_of
from server.web.services import Services


async def count_own(services: Services, staff: Session, data: AudienceCountRequest) -> AudienceSize:
    """Raises Problem."""
    now = utc_now()

    async def read(conn: Connection) -> AudienceSize:
        settled = await _find_tree(conn, staff.program_id, data)
        zone = await read_own_zone(conn, staff.program_id)
        is_owner = staff.role == "owner"
        return await count(conn, staff.program_id, settled, now, zone, scope_of(staff), knows_persons=is_owner)

    async with services.count_slots:
        return await services.reports.read(read)


async def _find_tree(conn: Connection, program_id: ProgramId, data: AudienceCountRequest) -> SettledTree:
    if (data.tree is None) is (data.audience_id is None):
        raise Problem("invalid-request", "Give a tree or audience_id, and only one of them.")
    if data.tree is not None:
        return await settle_tree(conn, program_id, data.tree)
    assert data.audience_id is not None
    held = await save.find(conn, program_id, data.audience_id, data.version)
    return await settle_saved(conn, program_id, held.id, held.version)


async def read_own_zone(conn: Connection, program_id: ProgramId) -> ZoneInfo:
    """By whose calendar days are counted: the program's."""
    program = await find_program(conn, program_id)
    assert program is not None
    return ZoneInfo(program.time_zone)

"""The audience that a campaign names: which version it keeps, and whether it can be judged."""

from audiences import audiences_repository
from coupons.campaigns.campaign import AudienceVersion, choose_state
from ids import AudienceId, ProgramId
from kit.database import Connection
from server.audiences.settle_tree import require_usable
from server.campaigns.bodies import CampaignRequest
from server.problems import Problem


async def choose_audience(conn: Connection, program_id: ProgramId, data: CampaignRequest) -> AudienceVersion | None:
    """Nobody removes it before our commit. Raises Problem."""
    return await pick_audience(
        conn, program_id, data.audience_id, data.audience_version, is_judged_now=choose_state(data.state) == "running"
    )


async def pick_audience(
    conn: Connection,
    program_id: ProgramId,
    audience_id: AudienceId | None,
    version: int | None,
    *,
    is_judged_now: bool,
) -> AudienceVersion | None:
    """The version, or the newest. Nobody removes it before our commit. Raises Problem."""
    if audience_id is None:
        if version is not None:
            raise Problem("invalid-request", "Give audience_version with audience_id, or neither.")
        return None
    newest = await audiences_repository.lock_newest_versions(conn, program_id, [audience_id])
    key = audience_id, version or newest.get(audience_id, 0)
    loaded = await audiences_repository.load_audiences(conn, program_id, [key])
    if audience_id not in newest or key not in loaded:
        raise Problem("audience-unknown", "Name an audience of your program, and a version that it has.")
    if is_judged_now:
        await require_usable(conn, program_id, loaded[key].tree)
    return AudienceVersion(*key)

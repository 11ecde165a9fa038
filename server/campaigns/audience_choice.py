"""The audience that a campaign names: which version it keeps, and whether it can be judged."""

from audiences import audiences_repository
from coupons.campaigns import AudienceVersion, choose_state
from ids import ProgramId
from kit.database import Connection
from server.audiences.settle_tree import require_usable
from server.campaigns.bodies import CampaignRequest
from server.problems import Problem


async def choose_audience(conn: Connection, program_id: ProgramId, data: CampaignRequest) -> AudienceVersion | None:
    """Nobody removes it before our commit. Raises Problem."""
    if data.audience_id is None:
        if data.audience_version is not None:
            raise Problem("invalid-request", "Give audience_version with audience_id, or neither.")
        return None
    newest = await audiences_repository.lock_newest_versions(conn, program_id, [data.audience_id])
    key = data.audience_id, data.audience_version or newest.get(data.audience_id, 0)
    loaded = await audiences_repository.load_audiences(conn, program_id, [key])
    if data.audience_id not in newest or key not in loaded:
        raise Problem("audience-unknown", "Name an audience of your program, and a version that it has.")
    if choose_state(data.state) == "running":
        await require_usable(conn, program_id, loaded[key].tree)
    return AudienceVersion(*key)

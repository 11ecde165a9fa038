"""`create`, `change` and `remove` an audience. A change is a new version; who uses an older one keeps it."""

from datetime import datetime

import msgspec

from audiences import audiences_repository
from audiences.audience import Audience
from audiences.tree import Tree
from ids import AudienceId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from server.audiences.settle_tree import settle_tree
from server.problems import Problem, not_found


async def create(conn: Connection, program_id: ProgramId, name: str, tree: Tree, now: datetime) -> Audience:
    """Raises Problem."""
    settled = await settle_tree(conn, program_id, tree)
    audience = Audience(
        id=AudienceId(new_id()),
        program_id=program_id,
        name=name,
        version=1,
        tree=settled.pinned,
        created_at=now,
        changed_at=now,
    )
    await audiences_repository.create_audience(conn, audience, settled.definitions)
    return audience


async def change(
    conn: Connection,
    program_id: ProgramId,
    audience_id: AudienceId,
    name: str,
    tree: Tree,
    known_version: int,
    now: datetime,
) -> Audience:
    """`known_version`: which the caller has read. Raises Problem."""
    held = await find(conn, program_id, audience_id)
    settled = await settle_tree(conn, program_id, tree, audience_id)
    changed = msgspec.structs.replace(held, name=name, version=known_version + 1, tree=settled.pinned, changed_at=now)
    if await audiences_repository.add_version(conn, changed, settled.definitions) is None:
        raise Problem("audience-changed", "Read the audience again and change that: somebody was first.")
    return changed


async def remove(conn: Connection, program_id: ProgramId, audience_id: AudienceId, now: datetime) -> None:
    """Raises Problem where something still needs it."""
    if not await audiences_repository.remove_audience(conn, program_id, audience_id, now):
        raise not_found("audience")
    campaigns = await audiences_repository.list_campaigns_of_audience(conn, program_id, audience_id)
    audiences = await audiences_repository.list_referring_audiences(conn, audience_id)
    if campaigns or audiences:
        raise Problem(
            "audience-in-use",
            "End the campaigns that choose members by it, and change the audiences that refer to it, first.",
            campaigns=list(campaigns),
            audiences=list(audiences),
        )


async def find(
    conn: Connection, program_id: ProgramId, audience_id: AudienceId, version: int | None = None
) -> Audience:
    """The newest version where none is named. Raises Problem."""
    found = await audiences_repository.find_audience(conn, program_id, audience_id, version)
    if found is None:
        raise not_found("audience" if version is None else "version of the audience")
    return found

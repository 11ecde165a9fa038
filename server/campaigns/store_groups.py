"""The groups of stores that a campaign names, as it is written; store_groups_repository has the rest."""

from collections.abc import Sequence

from ids import ProgramId, StoreId
from kit.database import Connection
from programs.stores_repository import find_groups_of_stores
from server.problems import Problem


async def find_grouped_stores(conn: Connection, program_id: ProgramId, groups: Sequence[str]) -> frozenset[StoreId]:
    """The stores of these groups. Raises Problem for a group that no store is in."""
    if not groups:
        return frozenset()
    found = await find_groups_of_stores(conn, program_id, groups)
    known = {group for of_store in found.values() for group in of_store}
    if unknown := [group for group in groups if group not in known]:
        raise Problem(
            "invalid-request",
            f"Name in store_groups only groups that a store of your program is in; no store is in {unknown[0]!r}.",
        )
    return frozenset(found)

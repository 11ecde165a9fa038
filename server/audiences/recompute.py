"""`recompute_facts`: the facts of all members are counted anew, some at a time, beside a running server."""

from collections.abc import Sequence
from functools import partial

from audiences.facts_repository import find_differing_facts, list_members_after
from ids import MemberId
from kit.database import Connection, Pool, connect, in_transaction


class _Checked(Exception):
    """Nothing is to be kept of it."""

    def __init__(self, differing: list[MemberId]) -> None:
        super().__init__()
        self.differing = differing


async def recompute_facts(pool: Pool, *, is_check: bool = False) -> list[MemberId]:
    """Those whose facts differed from the books. They are repaired, unless it `is_check`."""
    differing: list[MemberId] = []
    last: MemberId | None = None
    while True:
        async with connect(pool) as conn:
            members = await list_members_after(conn, last)
        if not members:
            return differing
        try:
            differing += await in_transaction(pool, partial(_repair, members=members, is_check=is_check))
        except _Checked as checked:
            differing += checked.differing
        last = members[-1]


async def _repair(conn: Connection, members: Sequence[MemberId], *, is_check: bool) -> list[MemberId]:
    differing = await find_differing_facts(conn, members)
    if is_check:
        raise _Checked(differing)
    return differing

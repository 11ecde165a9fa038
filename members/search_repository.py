"""Members found by name, by reading, or by a number or address that is theirs alone. A search answers with ids."""

from collections.abc import Sequence
from uuid import UUID

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.pages import NEWEST, PageRequest
from kit.sql import load_queries
from members.handles import HandleKind
from members.name_search import NameSearch

QUERIES = load_queries(__file__, "search.sql")

# Sorts after everything that begins with what stands before it.
_BEYOND = "\U0010ffff"
_FIRST = UUID(int=0)


class GoneCursor(Exception):
    """The member after whom a page was to begin is not found by this search any more."""


async def list_holders(
    conn: Connection, program_id: ProgramId, handles: Sequence[tuple[HandleKind, bytes]]
) -> list[MemberId]:
    """Who has one of the (kind, value_hash)."""
    kinds, hashes = [kind for kind, _ in handles], [value_hash for _, value_hash in handles]
    return [row["member_id"] for row in await conn.fetch(QUERIES.list_holders, program_id, kinds, hashes)]


async def list_found(conn: Connection, program_id: ProgramId, search: NameSearch, page: PageRequest) -> list[MemberId]:
    """In the order of the page, one more than it holds. In a transaction. Raises GoneCursor.

    By `name` the newest come first; by a beginning, those whose key comes first.
    """
    if search.by == "name":
        await conn.execute(QUERIES.plan_for_these_values)
        rows = await conn.fetch(
            *QUERIES.list_by_name(
                program_id=program_id,
                grams=list(search.grams),
                patterns=[f"%{_literal(word)}%" for word in search.words],
                before=page.before,
                count=page.fetch_count,
            )
        )
        return [row["member_id"] for row in rows]
    after_key, after_id = await _find_place(conn, program_id, search, page)
    place = {
        "program_id": program_id,
        "after_key": after_key,
        "after_id": after_id,
        "beyond": search.words[0] + _BEYOND,
        "count": page.fetch_count,
    }
    by_kana = search.by == "kana_start"
    query = QUERIES.list_by_kana_start(**place) if by_kana else QUERIES.list_by_name_start(**place)
    return [row["member_id"] for row in await conn.fetch(*query)]


async def _find_place(
    conn: Connection, program_id: ProgramId, search: NameSearch, page: PageRequest
) -> tuple[str, UUID]:
    """After which key and member the page begins. A cursor is a member, and no name: a cursor stands in a URL."""
    if page.before == NEWEST:
        return search.words[0], _FIRST
    keys = await conn.fetchrow(QUERIES.find_keys, program_id, page.before)
    key = None if keys is None else keys["kana_key" if search.by == "kana_start" else "name_key"]
    if key is None:
        raise GoneCursor
    return max((key, page.before), (search.words[0], _FIRST))  # their name may be another by now


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

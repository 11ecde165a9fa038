"""The staff's list of members as a table (CSV): all of them, or those whom a search finds; a page at a time.

It holds what the list shows. Contacts are sealed, and no role of the staff sees them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import IO, TypeAlias

from ids import ProgramId, StoreId
from kit.database import Connection
from kit.pages import MAX_LIMIT, Page, PageRequest, parse_page
from kit.spreadsheets import make_lines, make_table
from kit.sql import load_queries
from members.member import MemberListItem

QUERIES = load_queries(__file__, "member_table.sql")

_HEADINGS = (
    *("member_id", "card_number", "state", "name", "kana", "locale", "joined_on", "joined_at", "verified_on"),
    *("location_consent", "push_consent", "profiling_consent", "email_consent"),
    *("sms_consent", "voice_consent"),
)
# A page of the list, as a search or the whole list answers it.
ReadPage: TypeAlias = Callable[[PageRequest], Awaitable[Page[MemberListItem]]]


async def write_members(
    conn: Connection, program_id: ProgramId, read_page: ReadPage, zone: tzinfo, file: IO[bytes]
) -> None:
    """In a transaction, so that all pages are of one moment. Days are those of `zone`."""
    stores = {row["id"]: row["name"] for row in await conn.fetch(QUERIES.read_store_names, program_id)}
    file.write(make_table([_HEADINGS]))
    async for members in _pages(read_page):
        file.write(make_lines([_cells(member, stores, zone) for member in members]))


async def _pages(read_page: ReadPage) -> AsyncIterator[Sequence[MemberListItem]]:
    cursor: str | None = None
    while True:
        page = await read_page(parse_page(cursor, MAX_LIMIT))
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _cells(member: MemberListItem, stores: Mapping[StoreId, str], zone: tzinfo) -> list[object]:
    def day(moment: datetime | None) -> date | None:
        return None if moment is None else moment.astimezone(zone).date()

    return [
        member.member_id,
        member.card_number,
        member.state,
        member.name,
        member.kana,
        member.locale,
        day(member.created_at),
        None if member.enrolled_store_id is None else stores.get(member.enrolled_store_id),
        day(member.verified_at),
        *(
            "yes" if each else "no"
            for each in (
                member.location_consent,
                member.push_consent,
                member.profiling_consent,
                member.email_consent,
                member.sms_consent,
                member.voice_consent,
            )
        ),
    ]

"""Programs' rich menus, which of them LINE was told to show to whom, and what is over and LINE does not know yet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from channels.line.menus import Area
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.leases import lease_query
from kit.sql import load_queries

QUERIES = load_queries(__file__, "line_menus.sql")
_MENU = ("program_id", "state", "chat_bar_text", "areas", "picture", "changed_at")
LEASE_MENUS = lease_query("line_menus", key=("program_id", "state"), due_at="next_attempt_at", returning=_MENU)
LEASE_ENDINGS = lease_query(
    "line_menu_endings",
    key=("id",),
    due_at="next_attempt_at",
    returning=("id", "program_id", "menu_id", "sealed_user_id"),
)


class LineMenu(msgspec.Struct, frozen=True, kw_only=True):
    """A program's menu for those of one state."""

    program_id: ProgramId
    state: str
    chat_bar_text: str
    areas: Sequence[Area]
    picture: bytes
    changed_at: datetime


class ShownMenu(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a menu. `menu_id`: LINE's; None: not published yet. `fault`: a word for what LINE refused."""

    state: str
    chat_bar_text: str
    areas: Sequence[Area]
    changed_at: datetime
    menu_id: str | None
    published_at: datetime | None
    fault: str | None


class MenuEnding(msgspec.Struct, frozen=True, kw_only=True):
    """Either a menu that is over, or an account that is to see what everybody sees."""

    id: UUID
    program_id: ProgramId
    menu_id: str | None
    sealed_user_id: bytes | None


async def upsert_menu(conn: Connection, menu: LineMenu) -> None:
    await conn.execute(
        *QUERIES.upsert_menu(
            program_id=menu.program_id,
            state=menu.state,
            chat_bar_text=menu.chat_bar_text,
            areas=msgspec.json.encode(menu.areas).decode(),
            picture=menu.picture,
            now=menu.changed_at,
        )
    )


async def list_menus(conn: Connection, program_id: ProgramId) -> list[ShownMenu]:
    return [
        ShownMenu(**{**row, "areas": _read_areas(row["areas"])})
        for row in await conn.fetch(QUERIES.list_menus, program_id)
    ]


async def delete_menu(conn: Connection, program_id: ProgramId, state: str, now: datetime) -> bool:
    """Whether there was one. What LINE has of it ends."""
    return await conn.fetchval(QUERIES.delete_menu, program_id, state, now) is not None


async def lease_menus(conn: Connection, now: datetime, *, limit: int, lease_s: float) -> list[LineMenu]:
    """Those that LINE is to be sent."""
    rows = await conn.fetch(LEASE_MENUS, now, lease_s, limit)
    return [LineMenu(**{**row, "areas": _read_areas(row["areas"])}) for row in rows]


async def record_published(conn: Connection, menu: LineMenu, menu_id: str, now: datetime) -> bool:
    """False where it was changed meanwhile; then this one is of no use. The former one ends."""
    recorded = await conn.fetchval(
        *QUERIES.record_published(
            program_id=menu.program_id, state=menu.state, changed_at=menu.changed_at, menu_id=menu_id, now=now
        )
    )
    return recorded is not None


async def record_menu_fault(conn: Connection, menu: LineMenu, fault: str, next_attempt_at: datetime | None) -> None:
    """`next_attempt_at` None: not before it is changed."""
    await conn.execute(
        *QUERIES.record_fault(
            program_id=menu.program_id,
            state=menu.state,
            changed_at=menu.changed_at,
            fault=fault,
            next_attempt_at=next_attempt_at,
        )
    )


async def set_shown(conn: Connection, member_id: MemberId, user_hash: bytes, menu_id: str | None) -> None:
    await conn.execute(QUERIES.set_shown, member_id, user_hash, menu_id)


async def lease_endings(conn: Connection, now: datetime, *, limit: int, lease_s: float) -> list[MenuEnding]:
    return [MenuEnding(**row) for row in await conn.fetch(LEASE_ENDINGS, now, lease_s, limit)]


async def delete_ending(conn: Connection, ending_id: UUID) -> None:
    await conn.execute(QUERIES.delete_ending, ending_id)


async def postpone_ending(conn: Connection, ending_id: UUID, next_attempt_at: datetime) -> None:
    await conn.execute(QUERIES.postpone_ending, ending_id, next_attempt_at)


def _read_areas(written: str) -> list[Area]:
    return msgspec.json.decode(written, type=list[Area])

"""Staff: the people who run a program, and their sessions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from ids import ProgramId, StaffId, StoreId
from kit.database import Connection
from kit.ids import digest, new_secret
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "staff.sql")
SESSION_LIFE = timedelta(hours=12)
# For so long it is known whose an expired session was.
EXPIRED_KEPT = timedelta(days=1)

# How a session was opened.
SessionMethod = Literal["password", "code", "recovery_code", "passkey", "link"]
Role = Literal["owner", "store_manager", "marketer", "analyst"]


class StaffMember(msgspec.Struct, frozen=True):
    """Somebody who works with the back office."""

    id: StaffId
    """The person."""
    program_id: ProgramId
    """The program that they work for."""
    email: str
    """With which they log in."""
    name: str
    """What colleagues call them."""
    role: Role
    """An `owner` may do everything in the program, a `store_manager` what concerns their stores, a `marketer` what
    concerns campaigns and audiences; an `analyst` reads figures, and nobody's name or contact."""
    store_ids: Sequence[StoreId]
    """The stores of a store manager; none for the others, whose role is for all."""
    created_at: datetime
    """When they were added."""
    disabled_at: datetime | None
    """Since when they can no longer log in."""


class Login(msgspec.Struct, frozen=True):
    """`password_hash`: none where they were invited and have not come yet."""

    staff_id: StaffId
    password_hash: str | None


class Account(msgspec.Struct, frozen=True):
    """Where somebody of the staff reads what concerns their account."""

    id: StaffId
    program_id: ProgramId
    email: str


class Session(msgspec.Struct, frozen=True):
    """Who a session's token stands for: the person, their program and role and, for a store manager, their stores.
    `lacks_factor`: the program demands a second factor, and they have none yet.
    """

    staff_id: StaffId
    program_id: ProgramId
    role: Role
    store_ids: frozenset[StoreId]
    lacks_factor: bool = False

    @property
    def has_all_stores(self) -> bool:
        """Whether their role is for the whole program."""
        return self.role != "store_manager"


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """One of a person's own. `name`: tells it from the others, and opens nothing. `is_this`: the one that asks."""

    name: bytes
    is_this: bool
    method: SessionMethod
    created_at: datetime
    expires_at: datetime


async def create_staff(conn: Connection, person: StaffMember, password_hash: str | None) -> bool:
    """Without a password: of somebody who is invited. False where the program already has this e-mail address; then
    nothing is written.
    """
    created = await conn.fetchval(
        *QUERIES.insert_staff(
            id=person.id,
            program_id=person.program_id,
            email=person.email,
            name=person.name,
            password_hash=password_hash,
            role=person.role,
            created_at=person.created_at,
        )
    )
    if created is None:
        return False
    await conn.execute(QUERIES.insert_staff_stores, person.id, person.store_ids)
    return True


async def update_staff(
    conn: Connection, program_id: ProgramId, staff_id: StaffId, name: str, role: Role, store_ids: Sequence[StoreId]
) -> bool:
    if await conn.fetchval(QUERIES.update_staff, program_id, staff_id, name, role) is None:
        return False
    await conn.execute(QUERIES.delete_staff_stores, staff_id)
    await conn.execute(QUERIES.insert_staff_stores, staff_id, store_ids)
    return True


async def disable_staff(conn: Connection, program_id: ProgramId, staff_id: StaffId, now: datetime) -> bool:
    """Their sessions end with them."""
    if await conn.fetchval(QUERIES.disable_staff, program_id, staff_id, now) is None:
        return False
    await conn.execute(QUERIES.delete_sessions_of, staff_id)
    await conn.execute(QUERIES.delete_staff_links_of, staff_id)
    return True


async def list_owners(conn: Connection, program_id: ProgramId) -> list[Account]:
    return [Account(**row) for row in await conn.fetch(QUERIES.list_owners, program_id)]


async def lock_owners(conn: Connection, program_id: ProgramId) -> list[StaffId]:
    """The program's owners, locked until the commit, so that two requests cannot each remove the other last one."""
    return [row["id"] for row in await conn.fetch(QUERIES.lock_owners, program_id)]


async def find_staff(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> StaffMember | None:
    row = await conn.fetchrow(QUERIES.find_staff, program_id, staff_id)
    return _staff_member(row) if row else None


async def list_staff(conn: Connection, program_id: ProgramId, page: PageRequest) -> list[StaffMember]:
    rows = await conn.fetch(QUERIES.list_staff, program_id, page.before, page.fetch_count)
    return [_staff_member(row) for row in rows]


async def list_staff_names(conn: Connection, program_id: ProgramId, staff_ids: Sequence[StaffId]) -> dict[StaffId, str]:
    rows = await conn.fetch(QUERIES.list_staff_names, program_id, list(staff_ids))
    return {row["id"]: row["name"] for row in rows}


async def find_login(conn: Connection, program_code: str, email: str) -> Login | None:
    row = await conn.fetchrow(QUERIES.find_login, program_code, email)
    return Login(row["id"], row["password_hash"]) if row else None


async def find_password_hash(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> str | None:
    password_hash: str | None = await conn.fetchval(QUERIES.find_password_hash, program_id, staff_id)
    return password_hash


async def set_password_hash(conn: Connection, program_id: ProgramId, staff_id: StaffId, password_hash: str) -> bool:
    """All of the person's sessions end, also the one that asked; what was sent for a new password is good no more."""
    if await conn.fetchval(QUERIES.set_password_hash, program_id, staff_id, password_hash) is None:
        return False
    await conn.execute(QUERIES.delete_sessions_of, staff_id)
    await conn.execute(QUERIES.delete_password_resets_of, staff_id)
    await conn.execute(QUERIES.delete_staff_links_of, staff_id)
    return True


async def find_account(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> Account | None:
    """None where they are not there, or disabled."""
    row = await conn.fetchrow(QUERIES.find_account, program_id, staff_id)
    return Account(**row) if row else None


async def lock_staff(conn: Connection, staff_id: StaffId) -> None:
    """Two that change a person's password come one after the other."""
    await conn.execute(QUERIES.lock_staff, staff_id)


async def open_session(
    conn: Connection, staff_id: StaffId, now: datetime, method: SessionMethod = "password"
) -> tuple[bytes, datetime]:
    """Return the session's secret, which is not stored, and when it ends."""
    secret, expires_at = new_secret(), now + SESSION_LIFE
    await conn.execute(QUERIES.delete_expired_sessions, now - EXPIRED_KEPT)
    await conn.execute(
        *QUERIES.insert_session(
            token_hash=digest(secret), staff_id=staff_id, method=method, now=now, expires_at=expires_at
        )
    )
    return secret, expires_at


async def close_session(conn: Connection, secret: bytes) -> None:
    await conn.execute(QUERIES.delete_session, digest(secret))


async def close_sessions(conn: Connection, staff_id: StaffId) -> None:
    await conn.execute(QUERIES.delete_sessions_of, staff_id)


async def close_other_sessions(conn: Connection, staff_id: StaffId, secret: bytes) -> None:
    await conn.execute(QUERIES.delete_other_sessions, staff_id, digest(secret))


async def close_session_of(conn: Connection, staff_id: StaffId, name: bytes) -> None:
    """One of their own. What is over already, or is another's, changes nothing."""
    await conn.execute(QUERIES.delete_session_of, staff_id, name)


async def list_sessions(conn: Connection, staff_id: StaffId, secret: bytes, now: datetime) -> list[OpenSession]:
    """The newest first; `secret`: of the one that asks."""
    return [OpenSession(**row) for row in await conn.fetch(QUERIES.list_sessions, staff_id, digest(secret), now)]


async def find_person_of_session(conn: Connection, secret: bytes) -> StaffId | None:
    """Whose it is, or was until it expired; None for one that was ended on purpose."""
    staff_id: StaffId | None = await conn.fetchval(QUERIES.find_person_of_session, digest(secret))
    return staff_id


async def find_session(conn: Connection, secret: bytes, now: datetime) -> Session | None:
    row = await conn.fetchrow(QUERIES.find_session, digest(secret), now)
    if row is None:
        return None
    stores = frozenset(row["store_ids"])
    return Session(row["id"], row["program_id"], row["role"], stores, row["lacks_factor"])


def _staff_member(row: Any) -> StaffMember:
    return StaffMember(**{**row, "store_ids": list(row["store_ids"])})

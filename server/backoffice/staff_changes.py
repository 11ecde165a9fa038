"""What owners do with the staff: the API and the console ask the same."""

from collections.abc import Sequence
from datetime import datetime

from ids import ProgramId, StaffId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.typed_text import clean_up
from programs import factors_repository, passkeys_repository, programs_repository, staff_repository, stores_repository
from programs.staff_repository import Role, StaffMember
from server.backoffice.staff_links import send_invitation
from server.problems import Problem, not_found
from server.web.services import Services


async def add_person(
    conn: Connection,
    program_id: ProgramId,
    *,
    email: str,
    name: str,
    role: Role,
    store_ids: Sequence[StoreId],
    password_hash: str | None,
    now: datetime,
) -> StaffMember:
    """Without a password: somebody who is invited. Raises Problem."""
    await check_stores(conn, program_id, role, store_ids)
    address = clean_up(email).lower()
    person = StaffMember(StaffId(new_id()), program_id, address, name, role, store_ids, now, None)
    if not await staff_repository.create_staff(conn, person, password_hash):
        raise Problem("email-taken", "Somebody of this program has this e-mail address already.")
    return person


async def invite_person(
    conn: Connection,
    services: Services,
    program_id: ProgramId,
    *,
    email: str,
    name: str,
    role: Role,
    store_ids: Sequence[StoreId],
    now: datetime,
) -> StaffMember:
    """Somebody who chooses the password by the link of an e-mail. Raises Problem."""
    person = await add_person(
        conn, program_id, email=email, name=name, role=role, store_ids=store_ids, password_hash=None, now=now
    )
    program = await programs_repository.find_program(conn, program_id)
    if program is None:
        raise not_found("program")
    await send_invitation(conn, services, program, person)
    return person


async def change_person(
    conn: Connection, program_id: ProgramId, staff_id: StaffId, name: str, role: Role, store_ids: Sequence[StoreId]
) -> StaffMember:
    """Raises Problem."""
    await check_stores(conn, program_id, role, store_ids)
    if role != "owner":
        await _require_other_owner(conn, program_id, staff_id)
    if not await staff_repository.update_staff(conn, program_id, staff_id, name, role, store_ids):
        raise not_found("person")
    return await find_person(conn, program_id, staff_id)


async def disable_person(conn: Connection, program_id: ProgramId, staff_id: StaffId, now: datetime) -> None:
    """Their sessions and links end. Raises Problem."""
    await _require_other_owner(conn, program_id, staff_id)
    if not await staff_repository.disable_staff(conn, program_id, staff_id, now):
        raise not_found("person")


async def invite_again(conn: Connection, services: Services, program_id: ProgramId, staff_id: StaffId) -> None:
    """Who has come already needs no invitation. Raises Problem."""
    person = await find_person(conn, program_id, staff_id)
    program = await programs_repository.find_program(conn, program_id)
    if await staff_repository.find_password_hash(conn, program_id, staff_id) is not None:
        raise Problem("invalid-request", "They have a password already.")
    if program is None or person.disabled_at is not None:
        raise not_found("person")
    await send_invitation(conn, services, program, person)


async def reset_factors(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> None:
    """Of who has lost them. Their sessions end: whoever has the lost phone may have one. Raises Problem."""
    await find_person(conn, program_id, staff_id)
    await factors_repository.delete_authenticator(conn, staff_id)
    await passkeys_repository.delete_passkeys(conn, staff_id)
    await staff_repository.close_sessions(conn, staff_id)


async def find_person(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> StaffMember:
    """Raises Problem."""
    person = await staff_repository.find_staff(conn, program_id, staff_id)
    if person is None:
        raise not_found("person")
    return person


async def check_stores(conn: Connection, program_id: ProgramId, role: Role, store_ids: Sequence[StoreId]) -> None:
    """Raises Problem."""
    if role != "store_manager" and store_ids:
        raise Problem("invalid-request", "Leave store_ids empty for this role: it is for all stores.")
    if len(set(store_ids)) != len(store_ids):
        raise Problem("invalid-request", "Name each store once in store_ids.")
    if not await stores_repository.are_own_stores(conn, program_id, store_ids):
        raise Problem("store-unknown", "Name only open stores of your program in store_ids.")


async def _require_other_owner(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> None:
    if await staff_repository.lock_owners(conn, program_id) == [staff_id]:
        raise Problem("last-owner", "Name another owner first.")

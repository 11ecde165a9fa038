"""`erase`: delete what is stored about a member and all who became them; accounting records stay without a person.

One transaction, in the lock order (`server.web.writes`). A device that writes is waited for, or waits for us and is
refused (`server.web.device_guard`). A till that has read the card, and has written nothing yet, writes after us: so
everything is erased once more, when it has long ended (`erase_again`), and only then the tombstones of the presences
go.
"""

from datetime import datetime
from functools import partial

import structlog

from geo.personal_repository import delete_presences
from geo.presences_repository import clear_places
from ids import MemberId, ProgramId
from imports import imports_repository
from kit.database import Connection, Pool, connect, describe_failure, in_transaction
from kit.ids import new_id
from members import personal_repository
from members.aliases_repository import history_ids, lock_members
from members.device import Device
from points import postings_repository
from points.ledger import Memo
from server.credentials.revoke_codes import revoke_codes
from server.privacy.holders import HOLDERS
from server.problems import Problem
from server.web.device_guard import DATA_RIGHTS_STATES, lock_active_device

MAX_AT_ONCE = 100

log = structlog.get_logger()


async def erase(
    conn: Connection, program_id: ProgramId, member_id: MemberId, now: datetime, by: Device | None = None
) -> None:
    """`by`: the device that asks; it must still be the member's. Raises Problem; then nothing is erased."""
    member_ids = sorted(await history_ids(conn, member_id))
    await personal_repository.delete_handles_and_verifications(conn, member_ids)
    await imports_repository.delete_imported(conn, member_ids)
    for each in member_ids:
        await clear_places(conn, each)
    state = (await lock_members(conn, member_ids))[member_id]
    if by is not None:
        await lock_active_device(conn, by, DATA_RIGHTS_STATES)
    if state in ("merged", "erased"):
        raise Problem("invalid-member-state", "Nothing to do: they are erased, or became another member.")
    if sorted(await history_ids(conn, member_id)) != member_ids:  # another member became them while we waited
        raise Problem("unavailable", "Send the same request again after Retry-After.", retry_after_s=1)
    for each in member_ids:
        await revoke_codes(conn, each, "closed", now)
    await _delete_all(conn, dict.fromkeys(member_ids, program_id), now)
    await personal_repository.schedule_second_erasure(conn, member_ids, now)


async def erase_requested(pool: Pool, now: datetime) -> int:
    """Erase those who asked for it a day ago and have not withdrawn it. Returns their number. Raises
    DatabaseUnavailable.
    """
    async with connect(pool) as conn:
        due = await personal_repository.list_due_erasure_requests(conn, now, MAX_AT_ONCE)
    done = 0
    for member_id in due:
        try:
            done += await in_transaction(pool, partial(_carry_out, member_id=member_id, now=now))
        except Problem as problem:
            if problem.slug == "invalid-member-state":  # erased by an owner, or another member since
                await in_transaction(pool, partial(personal_repository.withdraw_erasure_request, member_id=member_id))
            else:
                log.warning("erasure.postponed", **describe_failure(problem))
    return done


async def _carry_out(conn: Connection, member_id: MemberId, now: datetime) -> int:
    program_id = await personal_repository.take_erasure_request(conn, member_id, now)
    if program_id is None:
        return 0
    await erase(conn, program_id, member_id, now)
    return 1


async def erase_again(pool: Pool, now: datetime) -> int:
    """Delete what was written by transactions that were under way. Returns the number of members.

    Where it fails for a member, it is tried again later, after the others. Raises DatabaseUnavailable.
    """
    async with connect(pool) as conn:
        due = await personal_repository.find_due_erasures(conn, now, MAX_AT_ONCE)
    done = 0
    for member_id in due:
        try:
            await in_transaction(pool, partial(_finish, member_id=member_id, now=now))
            done += 1
        except Exception as error:  # also a statement that took too long, which counts as an outage
            log.warning("erasure.postponed", **describe_failure(error))
            await in_transaction(pool, partial(personal_repository.postpone_erasure, member_id=member_id, now=now))
    return done


async def _finish(conn: Connection, member_id: MemberId, now: datetime) -> None:
    program_id = await personal_repository.find_program(conn, member_id)
    await lock_members(conn, [member_id])
    await revoke_codes(conn, member_id, "closed", now)
    await _delete_all(conn, {member_id: program_id}, now)
    await delete_presences(conn, [member_id])
    await personal_repository.delete_devices(conn, [member_id])
    await personal_repository.delete_erasures(conn, [member_id])


async def _delete_all(conn: Connection, holders: dict[MemberId, ProgramId], now: datetime) -> None:
    """Of these members (member_id -> program_id)."""
    await _forfeit_points(conn, holders, now)
    for holder in HOLDERS:
        await holder.erase(conn, list(holders))


async def _forfeit_points(conn: Connection, holders: dict[MemberId, ProgramId], now: datetime) -> None:
    """Close the accounting records by a posting: nobody can ask for these points any more."""
    held = await postings_repository.find_accounts(conn, list(holders))
    accounts = await postings_repository.open_accounts(conn, {each: holders[each] for each in held}) if held else {}
    for account in accounts.values():
        account.expire(now)
        account.forfeit(Memo(cause="erasure", source_key=f"erasure:{new_id()}", at=now))
    await postings_repository.write_accounts(conn, accounts)

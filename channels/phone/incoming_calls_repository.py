"""Numbers on posters, calls to them, and the texts that answer these calls until they are out."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from channels.messages import SmsMessage
from ids import ProgramId, StoreId
from kit.database import Connection, Pool, in_statement
from kit.leases import lease_query
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "incoming_calls.sql")
LEASE_REPLIES = lease_query(
    "incoming_calls",
    key=("id",),
    due_at="next_attempt_at",
    counts_attempts=True,
    returning=("id", "program_id", "sealed_message", "attempts", "expires_at"),
)
_KEPT = timedelta(days=90)
_PURPOSE = "call-reply"

# `told`: the caller could not be texted, and heard the web address. `too_dear`: the day had no money left for that.
CallAnswer = Literal["texted", "texted_today", "opted_out", "told", "too_dear", "not_set_up"]
ReplyOutcome = Literal["sent", "retryable", "failed", "expired", "unknown"]


class CallNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number on a poster; whoever calls it joins at `store_id`."""

    id: UUID
    program_id: ProgramId
    number: str
    store_id: StoreId
    poster: str
    created_at: datetime
    ended_at: datetime | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The text that answers a call, to a number that is hashed as `channels.phone.account.hash_number` does it."""

    message: SmsMessage
    number_hash: bytes
    texted_on: date
    expires_at: datetime


class LeasedReply(msgspec.Struct, frozen=True, kw_only=True):
    """One that this worker has leased; `attempts` includes this one."""

    id: UUID
    program_id: ProgramId
    sealed_message: bytes
    attempts: int
    expires_at: datetime

    def unseal(self, keyring: Keyring) -> SmsMessage:
        """Raises kit.sealing.Unsealable."""
        return msgspec.json.decode(keyring.unseal(_PURPOSE, self.id.bytes, self.sealed_message), type=SmsMessage)


async def create_call_number(conn: Connection, number: CallNumber) -> bool:
    """False: the program has it already."""
    made = QUERIES.insert_call_number(
        id=number.id,
        program_id=number.program_id,
        number=number.number,
        store_id=number.store_id,
        poster=number.poster,
        now=number.created_at,
    )
    return await conn.fetchval(*made) is not None


async def end_call_number(conn: Connection, program_id: ProgramId, number_id: UUID, now: datetime) -> bool:
    return await conn.fetchval(QUERIES.end_call_number, program_id, number_id, now) is not None


async def find_call_number(conn: Connection, number_id: UUID) -> CallNumber | None:
    row = await conn.fetchrow(QUERIES.find_call_number, number_id)
    return CallNumber(**row) if row else None


async def find_answer(conn: Connection, program_id: ProgramId, call_sid: str) -> CallAnswer | None:
    """How the call was answered when its webhook came first."""
    answer: CallAnswer | None = await conn.fetchval(QUERIES.find_call, program_id, call_sid)
    return answer


async def record_call(
    conn: Connection,
    keyring: Keyring,
    call_id: UUID,
    number: CallNumber,
    call_sid: str,
    answer: CallAnswer,
    now: datetime,
    reply: Reply | None = None,
) -> bool:
    """False: the call has been answered already, or its number has been texted today; nothing is written then."""
    sealed = None if reply is None else keyring.seal(_PURPOSE, call_id.bytes, msgspec.json.encode(reply.message))
    inserted = QUERIES.insert_call(
        id=call_id,
        program_id=number.program_id,
        call_sid=call_sid,
        number_id=number.id,
        answer=answer,
        number_hash=None if reply is None else reply.number_hash,
        texted_on=None if reply is None else reply.texted_on,
        sealed_message=sealed,
        state="none" if reply is None else "pending",
        expires_at=now if reply is None else reply.expires_at,
        now=now,
    )
    return await conn.fetchval(*inserted) is not None


async def change_answer(conn: Connection, call_id: UUID, answer: CallAnswer) -> None:
    await conn.execute(QUERIES.change_answer, call_id, answer)


async def lease_replies(pool: Pool, now: datetime, *, limit: int, lease_s: float) -> list[LeasedReply]:
    """Those that are due longest; each counts one attempt more. Raises DatabaseUnavailable."""

    async def work(conn: Connection) -> list[LeasedReply]:
        return [LeasedReply(**row) for row in await conn.fetch(LEASE_REPLIES, now, lease_s, limit)]

    return await in_statement(pool, work)


async def record_reply(
    conn: Connection,
    reply: LeasedReply,
    outcome: ReplyOutcome,
    *,
    retry_at: datetime | None = None,
    failure: str | None = None,
) -> None:
    await conn.execute(
        *QUERIES.record_reply(id=reply.id, attempts=reply.attempts, outcome=outcome, retry_at=retry_at, failure=failure)
    )


async def settle_unknown_reply(
    conn: Connection, call_id: UUID, outcome: Literal["sent", "failed"], failure: str | None
) -> None:
    await conn.execute(QUERIES.settle_unknown_reply, call_id, outcome, failure)


async def purge_incoming_calls(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_incoming_calls, now - _KEPT)

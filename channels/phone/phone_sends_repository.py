"""What went to a provider of SMS and calls: begun once, booked, and followed by what is reported of it."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from channels.phone.account import SmsRoute
from channels.phone.outcomes import PhoneKind, SendState, states_before
from channels.phone.phone_accounts_repository import give_money_back
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "phone_sends.sql")
_KEPT = timedelta(days=90)


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """`price`: what is booked for it, on `spend_day`, in the minor unit of the program's currency.

    `member_id` None: it goes to somebody who called, and is nobody's member.
    """

    id: UUID
    program_id: ProgramId
    member_id: MemberId | None
    kind: PhoneKind
    route: SmsRoute
    state: SendState = "sending"
    failure: str | None = None
    provider_message_id: str | None = None
    price: int
    spend_day: date

    @property
    def may_be_posted(self) -> bool:
        """Nobody has taken it: it waits, or was refused, which costs nothing; an owner may send it again."""
        is_refused = self.state == "failed" and self.provider_message_id is None and self.price == 0
        return self.state == "waiting" or is_refused


async def begin_send(conn: Connection, send: Send, now: datetime) -> bool:
    """False: it was begun before, and may not be posted again (`Send.may_be_posted`)."""
    begun = QUERIES.begin_send(
        id=send.id,
        program_id=send.program_id,
        member_id=send.member_id,
        kind=send.kind,
        route=send.route,
        price=send.price,
        day=send.spend_day,
        now=now,
    )
    return await conn.fetchval(*begun) is not None


async def find_send(conn: Connection, send_id: UUID, kind: PhoneKind) -> Send | None:
    row = await conn.fetchrow(QUERIES.find_send, send_id, kind)
    return Send(**row) if row else None


async def record_progress(
    conn: Connection,
    send_id: UUID,
    kind: PhoneKind,
    state: SendState,
    now: datetime,
    *,
    costs_nothing: bool = False,
    failure: str | None = None,
    provider_message_id: str | None = None,
) -> Send | None:
    """What it is now, if that is news; None for what is known already, or is behind what is known.

    `costs_nothing`: what was booked for it is given back.
    """
    row = await conn.fetchrow(QUERIES.lock_send, send_id, kind)
    held = Send(**row) if row else None
    before = ["sending"] if state == "waiting" else states_before(state)
    if held is None or held.state not in before:
        return None
    changed = msgspec.structs.replace(
        held,
        state=state,
        failure=failure,
        price=0 if costs_nothing else held.price,
        provider_message_id=provider_message_id or held.provider_message_id,
    )
    await give_money_back(conn, held.program_id, held.spend_day, held.price - changed.price)
    await conn.execute(
        *QUERIES.update_send(
            id=send_id,
            kind=kind,
            state=state,
            failure=failure,
            provider_message_id=changed.provider_message_id,
            price=changed.price,
            now=now,
        )
    )
    return changed


async def purge_phone_sends(conn: Connection, now: datetime) -> None:
    """What they cost stays counted (`phone_spending`)."""
    await conn.execute(QUERIES.purge_phone_sends, now - _KEPT)

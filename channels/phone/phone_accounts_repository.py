"""Accounts with providers of SMS and calls; what a day has cost; who wants to be left alone."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec
from asyncpg import Record

from channels.phone.account import Credentials, PhoneAccount, Tariff
from channels.phone.outcomes import PhoneKind
from ids import ProgramId
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "phone_accounts.sql")

OptOutSource = Literal["reply", "key", "provider", "staff"]


class DaySpending(msgspec.Struct, frozen=True):
    """What texts and calls of a day have cost."""

    day: date
    """The day, of the program's calendar."""
    spent: int
    """In the minor unit of the currency. What may have been taken by a provider counts."""


class Telephone(msgspec.Struct, frozen=True, kw_only=True):
    """What a program can send, and what it costs, in the minor unit of `currency`. `takes_replies`: whoever answers a
    text is heard.
    """

    has_sms: bool
    has_voice: bool
    takes_replies: bool
    currency: str
    segment_price: int
    call_price: int


async def find_phone_account(conn: Connection, keyring: Keyring, program_id: ProgramId) -> PhoneAccount | None:
    row = await conn.fetchrow(QUERIES.find_phone_account, program_id)
    if row is None:
        return None
    columns = dict(row)
    tariff = Tariff(**{name: columns.pop(name) for name in Tariff.__struct_fields__})
    hours = DailyHours(columns.pop("calls_from"), columns.pop("calls_until"))
    credentials = Credentials.unseal(keyring, program_id, columns.pop("sealed_credentials"))
    return PhoneAccount(**columns, tariff=tariff, call_hours=hours, credentials=credentials)


async def has_sms(conn: Connection, program_id: ProgramId) -> bool:
    return bool(await conn.fetchval(QUERIES.has_sms, program_id))


async def find_telephone(conn: Connection, program_id: ProgramId) -> Telephone | None:
    row = await conn.fetchrow(QUERIES.find_telephone, program_id)
    return None if row is None else Telephone(**row)


async def save_phone_account(conn: Connection, keyring: Keyring, account: PhoneAccount, now: datetime) -> None:
    tariff = account.tariff
    await conn.execute(
        *QUERIES.upsert_phone_account(
            program_id=account.program_id,
            sms_route=account.sms_route,
            api_url=account.api_url,
            account_sid=account.account_sid,
            sms_sender=account.sms_sender,
            voice_sender=account.voice_sender,
            direct_url=account.direct_url,
            direct_sender=account.direct_sender,
            sealed_credentials=account.credentials.seal(keyring, account.program_id),
            currency=tariff.currency,
            segment_price=tariff.segment_price,
            call_price=tariff.call_price,
            day_cap=tariff.day_cap,
            calls_from=account.call_hours.start,
            calls_until=account.call_hours.end,
            spoken_address=account.spoken_address,
            now=now,
        )
    )


async def book_money(
    conn: Connection, program_id: ProgramId, day: date, price: int, tariff: Tariff, *, is_essential: bool
) -> bool:
    """False: the day's cap does not allow it, and nothing is booked. What costs nothing is always allowed."""
    if price == 0:
        return True
    limit = tariff.limit(is_essential=is_essential)
    booked = QUERIES.book_money(program_id=program_id, day=day, price=price, cap=tariff.day_cap, limit=limit)
    return await conn.fetchval(*booked) is not None


async def give_money_back(conn: Connection, program_id: ProgramId, day: date, price: int) -> None:
    if price:
        await conn.execute(QUERIES.give_money_back, program_id, day, price)


async def list_spending(conn: Connection, program_id: ProgramId, after: date) -> Sequence[DaySpending]:
    """The newest day first."""
    return [DaySpending(**row) for row in await conn.fetch(QUERIES.list_spending, program_id, after)]


async def purge_phone_spending(conn: Connection, before: date) -> None:
    await conn.execute(QUERIES.purge_phone_spending, before)


async def is_opted_out(conn: Connection, program_id: ProgramId, number_hash: bytes, kind: PhoneKind) -> bool:
    return bool(await conn.fetchval(QUERIES.is_opted_out, program_id, number_hash, kind))


async def list_opt_outs(conn: Connection, program_id: ProgramId, number_hash: bytes) -> Sequence[Record]:
    """`channel`, `reason`, `at` of each; oldest first."""
    return await conn.fetch(QUERIES.list_opt_outs, program_id, number_hash)


async def opt_out(
    conn: Connection,
    program_id: ProgramId,
    number_hash: bytes,
    kind: PhoneKind,
    source: OptOutSource,
    now: datetime,
) -> None:
    await conn.execute(
        *QUERIES.insert_opt_out(program_id=program_id, number_hash=number_hash, kind=kind, source=source, now=now)
    )


async def note_text_wish(conn: Connection, program_id: ProgramId, message_sid: str, now: datetime) -> bool:
    """Whether it is the first time that this text is told of."""
    return bool(await conn.fetchval(QUERIES.insert_text_wish, program_id, message_sid, now))


async def opt_in(conn: Connection, program_id: ProgramId, number_hash: bytes, kind: PhoneKind) -> None:
    await conn.execute(QUERIES.delete_opt_out, program_id, number_hash, kind)

"""`answer_call`: somebody calls the number on a poster. The call is not taken, and they get a link to join by SMS.

Whoever cannot be texted (a landline, a withheld number) hears the web address; that call is taken, and costs money.
A webhook that comes twice gets the same answer, and does nothing twice.
"""

from datetime import datetime, timedelta

import msgspec

from channels.messages import SmsMessage
from channels.phone.account import PhoneAccount, hash_number
from channels.phone.incoming_calls_repository import (
    CallAnswer,
    CallNumber,
    Reply,
    change_answer,
    find_answer,
    record_call,
)
from channels.phone.phone_accounts_repository import book_money, is_opted_out
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.sealing import Keyring
from members.contact_faults import UnusableContact
from members.invitations_repository import Invitation, create_invitation
from members.phone_numbers import is_abroad, parse_phone_number
from programs.store import JoinedStore
from server.accounts.invitation_links import hash_invitation_token, new_invitation_token, write_invitation_url
from server.phone.reply_words import write_reply

_LINK_LIFE = timedelta(hours=24)
# Whoever called an hour ago has walked on.
_REPLY_LIFE = timedelta(hours=1)


class IncomingCall(msgspec.Struct, frozen=True, kw_only=True):
    """`caller`: a number in E.164, or a word such as `anonymous`. `store` None: the number's store has closed."""

    account: PhoneAccount
    number: CallNumber
    store: JoinedStore | None
    locale: Locale
    call_sid: str
    caller: str


async def answer_call(conn: Connection, keyring: Keyring, call: IncomingCall, now: datetime) -> CallAnswer:
    answered = await find_answer(conn, call.number.program_id, call.call_sid)
    if answered is not None:
        return answered
    mobile = _read_mobile(call.caller)
    if call.store is None:
        return await _record(conn, keyring, call, "not_set_up", now)
    if mobile is None:
        return await _tell_address(conn, keyring, call, now)
    if call.account.sms_route is None:
        return await _record(conn, keyring, call, "not_set_up", now)
    number_hash = hash_number(keyring, call.number.program_id, mobile)
    if await is_opted_out(conn, call.number.program_id, number_hash, "sms"):
        return await _record(conn, keyring, call, "opted_out", now)
    return await _text(conn, keyring, call, call.store, mobile, now)


def _read_mobile(caller: str) -> str | None:
    """None for whoever cannot be texted; and for numbers abroad, which anybody can pretend to call from: texts to them
    are dear, and some pay whoever owns them.
    """
    try:
        number = parse_phone_number(caller, "JP") if caller.startswith("+") else None
    except UnusableContact:
        return None
    return None if number is None or is_abroad(number, "JP") else number


async def _text(
    conn: Connection, keyring: Keyring, call: IncomingCall, store: JoinedStore, mobile: str, now: datetime
) -> CallAnswer:
    token, program_id = new_invitation_token(), call.number.program_id
    words = write_reply(call.locale, store.program_name, store.store_name, write_invitation_url(store.join_url, token))
    reply = Reply(
        message=SmsMessage(mobile, words),
        number_hash=hash_number(keyring, program_id, mobile),
        texted_on=call.account.day_of(now),
        expires_at=now + _REPLY_LIFE,
    )
    if not await record_call(conn, keyring, new_id(), call.number, call.call_sid, "texted", now, reply):
        return await _record(conn, keyring, call, "texted_today", now)
    invitation = Invitation(
        token_hash=hash_invitation_token(token),
        program_id=program_id,
        store_id=store.store_id,
        poster=call.number.poster,
        call_number_id=call.number.id,
        created_at=now,
        expires_at=now + _LINK_LIFE,
    )
    await create_invitation(conn, invitation)
    return "texted"


async def _tell_address(conn: Connection, keyring: Keyring, call: IncomingCall, now: datetime) -> CallAnswer:
    account = call.account
    if account.spoken_address is None:
        return await _record(conn, keyring, call, "not_set_up", now)
    call_id = new_id()
    if not await record_call(conn, keyring, call_id, call.number, call.call_sid, "told", now):
        return await _answered(conn, call)
    tariff = account.tariff
    day = account.day_of(now)
    if await book_money(conn, account.program_id, day, tariff.call_price, tariff, is_essential=False):
        return "told"
    await change_answer(conn, call_id, "too_dear")
    return "too_dear"


async def _record(
    conn: Connection, keyring: Keyring, call: IncomingCall, answer: CallAnswer, now: datetime
) -> CallAnswer:
    """Unless the same webhook has been answered meanwhile, by whoever was faster."""
    if await record_call(conn, keyring, new_id(), call.number, call.call_sid, answer, now):
        return answer
    return await _answered(conn, call)


async def _answered(conn: Connection, call: IncomingCall) -> CallAnswer:
    answer = await find_answer(conn, call.number.program_id, call.call_sid)
    assert answer is not None, "only a call that has been answered hinders another row"
    return answer

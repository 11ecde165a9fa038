"""`send_own_test`: a campaign's message by any channel to oneself, with the words for somebody made up.

By e-mail it goes to the address that one logs in with. By every other channel it goes to the member of the program who
has confirmed that address: so nobody can have the program write to, call or push to somebody else.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from channels.deliveries_repository import queue_message, queue_staff_message
from channels.line.credentials import unseal_user
from channels.messages import EmailMessage, Message
from channels.phone.phone_accounts_repository import find_telephone
from coupons.campaigns.message_texts import EmailText, LineText, MessageTexts, ShortText
from ids import DeviceId, MemberId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from kit.sql import load_queries
from members.contact_faults import UnusableContact
from members.contacts import Contact, unseal_contact
from members.email_addresses import parse_email_address
from members.handles import hash_handle
from members.handles_repository import find_holder
from programs.staff_repository import Session, find_account
from push.outbox_repository import NewPush, insert_push
from server.messages.preview import Scene
from server.messages.recipients import read_recipients
from server.messages.write_message import Target, texts_of, write_message, write_push
from server.problems import Problem, not_found

TestChannel = Literal["email", "push", "line", "sms", "voice"]
QUERIES = load_queries(__file__, "own_tests.sql")
_GOOD_FOR = timedelta(hours=1)
_MARK = "[Test] "
_HOW: Mapping[TestChannel, str] = {
    "push": "allow pushes in the app",
    "line": "link your LINE account in the app",
    "sms": "confirm your mobile number in the app and consent to texts; the program needs an sms_route",
    "voice": "confirm your phone number in the app and consent to calls; the program needs a voice_sender",
}


async def send_own_test(
    conn: Connection, keyring: Keyring, staff: Session, scene: Scene, channel: TestChannel, now: datetime
) -> None:
    """Queue it. Raises Problem."""
    account = await find_account(conn, staff.program_id, staff.staff_id)
    if account is None:
        raise not_found("account")
    if channel != "push" and texts_of(scene.texts, channel) is None:
        raise Problem("invalid-request", f"Give the campaign words for {channel} first: its messages have none.")
    marked = msgspec.structs.replace(scene, texts=_mark(scene.texts, channel))
    if channel == "email":
        message = _write(marked, "email", Target(recipient=account.email, link=scene.words.link))
        assert isinstance(message, EmailMessage)
        await queue_staff_message(conn, keyring, staff.staff_id, staff.program_id, message, now, now + _GOOD_FOR)
        return
    member_id = await _find_self(conn, keyring, staff, account.email)
    recipient = (await read_recipients(conn, [(member_id, None)], now, [channel]))[member_id, None]
    if recipient.refusal_by(channel) is not None or not recipient.is_active:
        raise Problem("invalid-request", f"To test {channel}, {_HOW[channel]}: it does not reach you yet.")
    if channel == "push":
        assert recipient.device_id is not None
        await _push(conn, staff, member_id, recipient.device_id, marked, now)
        return
    target = await _find_target(conn, keyring, staff, member_id, marked, channel)
    await queue_message(
        conn, keyring, member_id, staff.program_id, _write(marked, channel, target), now, now + _GOOD_FOR
    )


async def _find_self(conn: Connection, keyring: Keyring, staff: Session, email: str) -> MemberId:
    """Raises Problem."""
    try:
        value_hash = hash_handle(keyring, "email", parse_email_address(email))
    except UnusableContact:
        member_id = None
    else:
        member_id = await find_holder(conn, staff.program_id, "email", value_hash)
    if member_id is None:
        raise Problem(
            "invalid-request",
            "Join as a member with the app, and confirm the e-mail address there that you log in with: tests go to"
            " that member.",
        )
    return member_id


async def _find_target(
    conn: Connection, keyring: Keyring, staff: Session, member_id: MemberId, scene: Scene, channel: TestChannel
) -> Target:
    row = await conn.fetchrow(QUERIES.find_own_addresses, member_id)
    assert row is not None
    if channel == "line":
        user_id = unseal_user(keyring, staff.program_id, row["sealed_user_id"])
        return Target(recipient=user_id, link=scene.words.link)
    contact = Contact("phone", row["value_hash"], row["sealed_value"])
    phone = await find_telephone(conn, staff.program_id)
    return Target(
        recipient=unseal_contact(keyring, staff.program_id, contact),
        link=scene.words.link,
        takes_replies=phone is not None and phone.takes_replies,
    )


async def _push(
    conn: Connection, staff: Session, member_id: MemberId, device_id: DeviceId, scene: Scene, now: datetime
) -> None:
    """Of a type that apps pass over: there is no coupon to open."""
    text = write_push(scene.push, scene.words, scene.language)
    push_id: UUID = new_id()
    link = {} if scene.words.link is None else {"link": scene.words.link}
    payload = {
        "title": _MARK + text.title,
        "body": text.body,
        "locale": scene.language,
        "data": {"type": "test", "push_id": str(push_id)} | link,
        "tag": str(push_id),
    }
    new = NewPush(
        member_id=member_id,
        id=push_id,
        program_id=staff.program_id,
        device_id=device_id,
        payload=payload,
        now=now,
        expires_at=now + _GOOD_FOR,
    )
    await insert_push(conn, new)


def _write(scene: Scene, channel: TestChannel, target: Target) -> Message:
    message = write_message(scene.texts, channel, scene.words, scene.language, target)
    assert message is not None, "there are words for the channel"
    return message


def _mark(texts: MessageTexts, channel: TestChannel) -> MessageTexts:
    written = texts_of(texts, channel)
    if written is None:
        return texts
    marked = {tag: _mark_text(text) for tag, text in written.items()}
    return msgspec.structs.replace(texts, **{channel: marked})


def _mark_text(text: EmailText | LineText | ShortText) -> EmailText | LineText | ShortText:
    if isinstance(text, EmailText):
        return msgspec.structs.replace(text, subject=_MARK + text.subject)
    return msgspec.structs.replace(text, text=_MARK + text.text)

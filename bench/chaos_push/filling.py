"""The outbox of a run: pushes, e-mails, LINE messages, texts and calls, each of which its double can tell apart."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from bench.chaos_push.checker import Held
from bench.chaos_push.doubles import Doubles
from bench.coupon_town import Town, found_town, write_campaign
from channels.deliveries_repository import queue_message
from channels.line.credentials import LineCredentials, hash_user, seal_credentials, seal_user
from channels.line.line_channels_repository import LineChannelRow, upsert_channel
from channels.line.line_links_repository import LineLink, insert_link
from channels.messages import EmailMessage, LineMessage, Message, SmsMessage, VoiceMessage
from channels.phone.account import Credentials, PhoneAccount, Tariff
from channels.phone.phone_accounts_repository import save_phone_account
from kit.clock import utc_now
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "filling.sql")
# Of twenty messages: sixteen pushes, and one by each other channel.
_PUSHES_OF_TWENTY = 16
_MOST_MEMBERS = 20_000
_MOST_LINKED = 200
_WORDS = "Your coffee waits."
# What a message is told apart by, whatever its channel, and the message itself. Its number and a LINE account.
_Writer = Callable[[int, str], tuple[str, Message]]


def _write_email(number: int, _: str) -> tuple[str, Message]:
    recipient = f"member-{number}@example.com"
    return recipient, EmailMessage(recipient, "Coffee", _WORDS)


def _write_line(number: int, user_id: str) -> tuple[str, Message]:
    text = f"{_WORDS} ({number})"
    return text, LineMessage(user_id, [{"type": "text", "text": text}])


def _write_sms(number: int, _: str) -> tuple[str, Message]:
    return _number(number), SmsMessage(_number(number), _WORDS)


def _write_voice(number: int, _: str) -> tuple[str, Message]:
    return _number(number), VoiceMessage(_number(number), "コーヒーをご用意しています。")


def _number(number: int) -> str:
    return f"+8190{number:06}01"  # no number at which the double refuses


_WRITERS: Sequence[_Writer] = (_write_email, _write_line, _write_sms, _write_voice)


async def fill(conn: Connection, keyring: Keyring, doubles: Doubles, messages: int) -> dict[UUID, str]:
    """In a transaction: so many messages that are due. Under what the double of each knows it, by the message's id."""
    pushes = messages * _PUSHES_OF_TWENTY // 20
    town = await found_town(conn, min(pushes, _MOST_MEMBERS), 1)
    campaign = await write_campaign(conn, town)
    await conn.execute(QUERIES.make_reachable)
    await conn.execute(QUERIES.insert_coupons, campaign.id, town.store_ids[0], pushes)
    await conn.execute(QUERIES.insert_pushes, str(campaign.id))
    recipients = {row["id"]: str(row["coupon_id"]) for row in await conn.fetch(QUERIES.list_pushes)}
    now = utc_now()
    await save_phone_account(conn, keyring, _phone_account(town, doubles), now)
    users = await _link_accounts(conn, keyring, town, doubles, now)
    for number in range(messages - pushes):
        member_id = town.member_ids[number % len(town.member_ids)]
        recipient, message = _WRITERS[number % len(_WRITERS)](number, users[number % len(users)])
        good_until = now + timedelta(days=1)
        message_id = await queue_message(
            conn, keyring, member_id, town.program_id, message, now, good_until, lane="bulk"
        )
        recipients[message_id] = recipient
    return recipients


def _phone_account(town: Town, doubles: Doubles) -> PhoneAccount:
    return PhoneAccount(
        program_id=town.program_id,
        sms_route="dialect",
        api_url=doubles.phone.api_url,
        account_sid=doubles.phone.account_sid,
        sms_sender="+815000000001",
        voice_sender="+815000000001",
        direct_url=None,
        direct_sender=None,
        tariff=Tariff(currency="JPY", segment_price=3, call_price=20, day_cap=1_000_000_000),
        call_hours=DailyHours(time(0), time(0)),  # at any hour
        spoken_address=None,
        time_zone="Asia/Tokyo",
        credentials=Credentials(auth_token=doubles.phone.auth_token),
    )


async def _link_accounts(conn: Connection, keyring: Keyring, town: Town, doubles: Doubles, now: datetime) -> list[str]:
    """The LINE accounts of some members, who are friends of the program's."""
    account = doubles.line.open_channel("1650000001")
    channel = LineChannelRow(
        program_id=town.program_id,
        channel_id=account.channel_id,
        login_channel_id=None,
        link_url=None,
        sealed_credentials=seal_credentials(keyring, town.program_id, LineCredentials(account.secret, account.token)),
        changed_at=now,
    )
    await upsert_channel(conn, channel)
    users = {f"U{number:032x}": member_id for number, member_id in enumerate(town.member_ids[:_MOST_LINKED])}
    for user_id, member_id in users.items():
        link = LineLink(
            member_id=member_id,
            program_id=town.program_id,
            user_hash=hash_user(keyring, town.program_id, user_id),
            sealed_user_id=seal_user(keyring, town.program_id, user_id),
            linked_at=now,
            stands_at=now,
            blocked_at=None,
        )
        await insert_link(conn, link)
    account.friends.update(users)
    return list(users)


async def read_held(conn: Connection, recipients: Mapping[UUID, str]) -> list[Held]:
    rows = await conn.fetch(QUERIES.read_outbox)
    return [Held(row["channel"], recipients[row["id"]], str(row["id"]), row["state"]) for row in rows]

"""Programs that send texts and make calls through doubles of providers."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import msgspec

from channels.channel import Envelope
from channels.messages import SmsMessage
from channels.phone.account import Credentials, PhoneAccount, Tariff, hash_number
from channels.phone.incoming_calls_repository import CallNumber, Reply, create_call_number, record_call
from channels.phone.lines import Lines
from channels.phone.phone_accounts_repository import book_money, note_text_wish, opt_out, save_phone_account
from channels.phone.phone_sends_repository import Send, begin_send
from channels.phone.sending import Desk
from channels.phone.sms import SmsChannel
from channels.phone.voice import VoiceChannel
from devtools.direct_sms_double import DirectSmsDouble
from devtools.twilio_double import TwilioDouble
from ids import MemberId, ProgramId, StoreId
from kit.clock import utc_now
from kit.daily_hours import DailyHours
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_id
from kit.sealing import Keyring
from members.invitations_repository import Invitation, create_invitation, use_invitations
from tests.support.databases import SECRET_KEY

KEYRING = Keyring(SECRET_KEY)
PUBLIC_URL = "https://noren.example"
# Noon in Tokyo.
NOON = datetime(2026, 11, 28, 3, tzinfo=UTC)


def account_of(program_id: ProgramId, double: TwilioDouble, **changes: object) -> PhoneAccount:
    """9 yen a part, 20 a call, 1000 a day; calls from ten to eight."""
    account = PhoneAccount(
        program_id=program_id,
        sms_route="dialect",
        api_url=double.api_url,
        account_sid=double.account_sid,
        sms_sender="+815012345678",
        voice_sender="+815012345678",
        direct_url=None,
        direct_sender=None,
        tariff=Tariff(currency="JPY", segment_price=9, call_price=20, day_cap=1000),
        call_hours=DailyHours(time(10), time(20)),
        spoken_address="さくら ドット エグザンプル",
        time_zone="Asia/Tokyo",
        credentials=Credentials(auth_token=double.auth_token, shared_key=double.shared_key),
    )
    return msgspec.structs.replace(account, **changes)


def direct_account(program_id: ProgramId, twilio: TwilioDouble, direct: DirectSmsDouble) -> PhoneAccount:
    """Texts by the domestic route, calls by the dialect."""
    credentials = Credentials(auth_token=twilio.auth_token, direct_key=direct.key)
    return account_of(
        program_id, twilio, sms_route="direct", direct_url=direct.url, direct_sender="KISSA", credentials=credentials
    )


async def keep_account(pool: Pool, account: PhoneAccount) -> PhoneAccount:
    async with pool.acquire() as conn:
        await save_phone_account(conn, KEYRING, account, NOON)
    return account


def make_channels(pool: Pool, clock: Callable[[], datetime] = lambda: NOON) -> tuple[SmsChannel, VoiceChannel]:
    desk, lines = Desk(pool, KEYRING, PUBLIC_URL, clock), Lines()
    return SmsChannel(desk, lines), VoiceChannel(desk, lines)


def envelope_for(program_id: ProgramId, member_id: MemberId | None = None, attempts: int = 1) -> Envelope:
    """Of a code."""
    return Envelope(
        message_id=new_id(),
        program_id=program_id,
        member_id=member_id,
        attempts=attempts,
        expires_at=NOON + timedelta(minutes=10),
        is_essential=True,
    )


async def fill_telephony(pool: Pool, program_id: ProgramId, store_id: StoreId) -> None:
    """A row in every table that knows no member. No provider is asked."""
    account = PhoneAccount(
        program_id=program_id,
        sms_route=None,
        api_url=None,
        account_sid=None,
        sms_sender=None,
        voice_sender=None,
        direct_url=None,
        direct_sender=None,
        tariff=Tariff(currency="JPY", segment_price=9, call_price=20, day_cap=1000),
        call_hours=DailyHours(time(10), time(20)),
        spoken_address=None,
        time_zone="Asia/Tokyo",
        credentials=Credentials(),
    )
    number = CallNumber(
        id=new_id(),
        program_id=program_id,
        number="+815011112222",
        store_id=store_id,
        poster="Window",
        created_at=NOON,
    )
    day, number_hash = NOON.date(), hash_number(KEYRING, program_id, "+819012345678")
    reply = Reply(
        message=SmsMessage("+819012345678", "https://kissa.example/join?i=x"),
        number_hash=number_hash,
        texted_on=day,
        expires_at=NOON,
    )

    async def write(conn: Connection) -> None:
        await save_phone_account(conn, KEYRING, account, NOON)
        await create_call_number(conn, number)
        await record_call(conn, KEYRING, new_id(), number, "CA1", "texted", NOON, reply)
        await book_money(conn, program_id, day, 9, account.tariff, is_essential=True)
        await opt_out(conn, program_id, number_hash, "sms", "reply", NOON)
        await note_text_wish(conn, program_id, "SM0123", NOON)

    await in_transaction(pool, write)


async def be_texted(pool: Pool, program_id: ProgramId, store_id: StoreId, member_id: MemberId) -> None:
    """Through a provider, which is not asked here; and they had joined by a text, too."""
    now = utc_now()
    send = Send(
        id=new_id(),
        program_id=program_id,
        member_id=member_id,
        kind="sms",
        route="dialect",
        price=9,
        spend_day=now.date(),
    )
    invitation = Invitation(
        token_hash=member_id.bytes * 2,
        program_id=program_id,
        store_id=store_id,
        poster="Window",
        call_number_id=new_id(),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )

    async def write(conn: Connection) -> None:
        await begin_send(conn, send, now)
        await create_invitation(conn, invitation)
        await use_invitations(conn, [(invitation.token_hash, member_id)], now)

    await in_transaction(pool, write)

"""Programs that send texts and make calls through doubles of providers."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import msgspec

from channels.channel import Envelope
from channels.phone_account import Credentials, PhoneAccount, Tariff
from channels.phone_accounts_repository import save_phone_account
from channels.phone_lines import Lines
from channels.phone_sending import Desk
from channels.sms import SmsChannel
from channels.voice import VoiceChannel
from devtools.direct_sms_double import DirectSmsDouble
from devtools.twilio_double import TwilioDouble
from ids import MemberId, ProgramId
from kit.daily_hours import DailyHours
from kit.database import Pool
from kit.ids import new_id
from kit.sealing import Keyring
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


def envelope_for(program_id: ProgramId, member_id: MemberId | None = None) -> Envelope:
    return Envelope(
        message_id=new_id(),
        program_id=program_id,
        member_id=member_id,
        attempts=1,
        expires_at=NOON + timedelta(minutes=10),
    )

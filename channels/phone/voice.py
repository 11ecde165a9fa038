"""Calls that read a text out, within the hours in which a program calls."""

from zoneinfo import ZoneInfo

from channels.channel import Channel, Envelope, PermanentDeliveryError, TransientDeliveryError
from channels.messages import Message, VoiceMessage
from channels.phone.call_scripts import write_message_call
from channels.phone.lines import Lines
from channels.phone.phone_accounts_repository import find_phone_account
from channels.phone.sending import Desk
from channels.phone.webhooks import call_key_url, call_report_url
from kit.daily_hours import next_start
from kit.database import connect

# Of the TwiML of a call that is made with it (`Twiml` of the dialect's Calls).
_MOST_TWIML = 4000


class VoiceChannel:
    """`otherwise`: what carries the calls of a program that has no account."""

    def __init__(self, desk: Desk, lines: Lines, otherwise: Channel | None = None) -> None:
        self._desk = desk
        self._lines = lines
        self._otherwise = otherwise

    async def send(self, envelope: Envelope, message: Message) -> str | None:
        assert isinstance(message, VoiceMessage)
        former = await self._desk.recall(envelope, "voice")
        if former is not None:
            return await self._desk.answer_of(former)
        async with connect(self._desk.pool) as conn:
            account = await find_phone_account(conn, self._desk.keyring, envelope.program_id)
        if account is None or account.voice_sender is None:
            if self._otherwise is None:
                raise PermanentDeliveryError("not_set_up")
            return await self._otherwise.send(envelope, message)
        now, zone = self._desk.clock(), ZoneInfo(account.time_zone)
        if not account.call_hours.hold(now.astimezone(zone)):
            starts_at = next_start(account.call_hours, now, zone)
            raise TransientDeliveryError("outside_call_hours", (starts_at - now).total_seconds())
        public_url, message_id = self._desk.public_url, envelope.message_id
        twiml = write_message_call(message.body, message.language, call_key_url(public_url, message_id))
        if len(twiml) > _MOST_TWIML:
            raise PermanentDeliveryError("too_long")

        async def post() -> str | None:
            report_url = call_report_url(public_url, message_id)
            dialect = await self._lines.open_dialect()
            return await dialect.call(account, message.recipient, twiml, report_url)

        return await self._desk.post_once(
            account, envelope, message.recipient, "voice", "dialect", account.tariff.call_price, post
        )

    async def close(self) -> None:
        await self._lines.close()
        if self._otherwise is not None:
            await self._otherwise.close()

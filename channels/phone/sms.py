"""Texts: each goes by the route of its program's account, and where there is none to the sink of development."""

from channels.channel import Channel, Envelope, PermanentDeliveryError
from channels.messages import Message, SmsMessage
from channels.phone.account import PhoneAccount
from channels.phone.lines import Lines
from channels.phone.phone_accounts_repository import find_phone_account
from channels.phone.sending import Desk
from channels.phone.sms_segments import MAX_CHARACTERS, measure
from channels.phone.webhooks import direct_report_url, sms_report_url
from kit.database import connect


class SmsChannel:
    """`otherwise`: what carries the texts of a program that has no account."""

    def __init__(self, desk: Desk, lines: Lines, otherwise: Channel | None = None) -> None:
        self._desk = desk
        self._lines = lines
        self._otherwise = otherwise

    async def send(self, envelope: Envelope, message: Message) -> str | None:
        assert isinstance(message, SmsMessage)
        former = await self._desk.recall(envelope, "sms")
        if former is not None:
            return await self._desk.answer_of(former)
        async with connect(self._desk.pool) as conn:
            account = await find_phone_account(conn, self._desk.keyring, envelope.program_id)
        if account is None or account.sms_route is None:
            if self._otherwise is None:
                raise PermanentDeliveryError("not_set_up")
            return await self._otherwise.send(envelope, message)
        if len(message.body) > MAX_CHARACTERS:
            raise PermanentDeliveryError("too_long")
        price = measure(message.body).price(account.tariff.segment_price)

        async def post() -> str | None:
            return await self._post(account, envelope, message)

        return await self._desk.post_once(account, envelope, message.recipient, "sms", account.sms_route, price, post)

    async def close(self) -> None:
        await self._lines.close()
        if self._otherwise is not None:
            await self._otherwise.close()

    async def _post(self, account: PhoneAccount, envelope: Envelope, message: SmsMessage) -> str | None:
        public_url, message_id = self._desk.public_url, envelope.message_id
        if account.sms_route == "direct":
            report_url = direct_report_url(public_url, message_id)
            return await self._lines.open_direct().send_sms(
                account, message_id, message.recipient, message.body, report_url, envelope.expires_at
            )
        validity_s = (envelope.expires_at - self._desk.clock()).total_seconds()
        report_url = sms_report_url(public_url, message_id)
        dialect = await self._lines.open_dialect()
        return await dialect.send_sms(account, message.recipient, message.body, report_url, validity_s)

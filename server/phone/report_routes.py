"""What providers report of texts and calls, and what their recipients answer. Each webhook is signed.

A report that is repeated, or comes after a later one, changes nothing, and is answered like the first.
"""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath

from channels.phone.account import PhoneAccount, hash_number
from channels.phone.call_scripts import LANGUAGE, write_nothing, write_thanks
from channels.phone.opt_out_words import read_wish
from channels.phone.outcomes import (
    PhoneKind,
    SendState,
    read_call_status,
    read_provider_id,
    read_sms_status,
    reason_of,
)
from channels.phone.phone_accounts_repository import find_phone_account, note_text_wish, opt_in, opt_out
from channels.phone.phone_sends_repository import Send, find_send
from ids import ProgramId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.decode_faults import explain
from server.phone.numbers import read_number
from server.phone.settle_report import Report, settle_report
from server.phone.verify_webhook import (
    FORM,
    MAX_WEBHOOK_BYTES,
    Webhook,
    read_dialect_webhook,
    read_direct_webhook,
    twiml,
)
from server.phone.withdraw_consent import withdraw_consent
from server.problems import Problem, not_found
from server.web.dependencies import ServicesDependency
from server.web.services import Services

_END_ALL_CALLS = "9"
_DIRECT_STATES: dict[str, SendState] = {"sent": "sent", "delivered": "delivered", "failed": "failed"}


class DirectReport(msgspec.Struct, frozen=True):
    """What became of a text that a direct route has taken."""

    status: str
    """`sent` (to the phone's network), `delivered` or `failed`. Another one is taken and says nothing."""
    code: Annotated[str, msgspec.Meta(max_length=40, pattern="^[a-z_]*(?!\n)$")] | None = None
    """Why it failed: `opted_out`, `landline`, `number_unusable`, `unreachable`, `blocked` or a word of its own."""
    to: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    """The number, in E.164: whoever has opted out is not texted again."""
    message_id: Annotated[str, msgspec.Meta(pattern="^[!-~]{1,200}(?!\n)$")] | None = None
    """The route's own id of the text."""


class PhoneReportController(Controller):
    path = "/v1/phone"
    tags = ("Phone",)
    request_max_body_size = MAX_WEBHOOK_BYTES

    @post(
        "/texts/{send_id:uuid}/reports",
        operation_id="reportText",
        summary="A provider reports what became of a text",
        status_code=204,
        opt={"media_types": (FORM,)},
    )
    async def report_text(self, send_id: FromPath[UUID], request: Webhook, services: ServicesDependency) -> None:
        send, account = await _find(services, send_id, "sms")
        form = await read_dialect_webhook(request, services, account)
        state = read_sms_status(form.get("MessageStatus") or form.get("SmsStatus") or "")
        if state is not None:
            await _settle(services, send, _read(form, state, form.get("MessageSid") or form.get("SmsSid")))

    @post(
        "/direct-texts/{send_id:uuid}/reports",
        operation_id="reportDirectText",
        summary="A direct route reports what became of a text",
        status_code=204,
    )
    async def report_direct_text(self, send_id: FromPath[UUID], request: Webhook, services: ServicesDependency) -> None:
        """Its body is a `DirectReport`, signed: see docs/phone.md."""
        send, account = await _find(services, send_id, "sms")
        report = _decode(await read_direct_webhook(request, account))
        state = _DIRECT_STATES.get(report.status)
        if state is not None:
            settled = Report(
                state=state, recipient=report.to, failure=report.code, provider_message_id=report.message_id
            )
            await _settle(services, send, settled)

    @post(
        "/calls/{send_id:uuid}/reports",
        operation_id="reportCall",
        summary="A provider reports what became of a call",
        status_code=204,
        opt={"media_types": (FORM,)},
    )
    async def report_call(self, send_id: FromPath[UUID], request: Webhook, services: ServicesDependency) -> None:
        send, account = await _find(services, send_id, "voice")
        form = await read_dialect_webhook(request, services, account)
        state = read_call_status(form.get("CallStatus", ""), form.get("AnsweredBy"))
        if state is not None:
            await _settle(services, send, _read(form, state, form.get("CallSid")))

    @post(
        "/calls/{send_id:uuid}/keys",
        operation_id="takeCallKey",
        summary="Somebody has pressed a key during a call: 9 ends all calls for good",
        status_code=200,
        media_type="text/xml",
        opt={"media_types": (FORM,)},
    )
    async def take_call_key(
        self, send_id: FromPath[UUID], request: Webhook, services: ServicesDependency
    ) -> Response[str]:
        send, account = await _find(services, send_id, "voice")
        form = await read_dialect_webhook(request, services, account)
        recipient = form.get("To") or form.get("Called")
        if form.get("Digits") != _END_ALL_CALLS or recipient is None:
            return twiml(write_nothing())
        if send.state == "opted_out":  # told of again: they may have consented anew since
            return twiml(write_thanks(LANGUAGE))
        now, number_hash = utc_now(), hash_number(services.keyring, send.program_id, read_number(recipient))

        async def work(conn: Connection) -> None:
            await withdraw_consent(conn, services.keyring, send.program_id, recipient, "voice", now)
            await opt_out(conn, send.program_id, number_hash, "voice", "key", now)
            await settle_report(conn, services.keyring, send, _read(form, "opted_out", form.get("CallSid")), now)

        await in_transaction(services.pool, work)
        return twiml(write_thanks(LANGUAGE))

    @post(
        "/programs/{program_id:uuid}/replies",
        operation_id="takeTextReply",
        summary="Somebody has answered a text: STOP ends them, START lets them come again",
        status_code=200,
        media_type="text/xml",
        opt={"media_types": (FORM,)},
    )
    async def take_text_reply(
        self, program_id: FromPath[ProgramId], request: Webhook, services: ServicesDependency
    ) -> Response[str]:
        """The text itself is not kept. STOP withdraws the consent to texts of campaigns, which START does not give.
        Each text counts once, by its MessageSid: one that is told of again changes nothing.
        """
        account = await _find_account(services, program_id)
        form = await read_dialect_webhook(request, services, account)
        wish, sender = read_wish(form.get("Body", ""), form.get("OptOutType")), form.get("From")
        if wish is not None and sender:
            number_hash, now = hash_number(services.keyring, program_id, read_number(sender)), utc_now()
            message_sid = read_provider_id(form.get("MessageSid"))

            async def work(conn: Connection) -> None:
                is_news = message_sid is not None and await note_text_wish(conn, program_id, message_sid, now)
                if wish == "stop" and (is_news or message_sid is None):
                    await withdraw_consent(conn, services.keyring, program_id, sender, "sms", now)
                    await opt_out(conn, program_id, number_hash, "sms", "reply", now)
                elif wish == "start" and is_news:
                    await opt_in(conn, program_id, number_hash, "sms")

            await in_transaction(services.pool, work)
        return twiml(write_nothing())


async def _settle(services: Services, send: Send, report: Report) -> None:
    await in_transaction(services.pool, lambda conn: settle_report(conn, services.keyring, send, report, utc_now()))


async def _find(services: Services, send_id: UUID, kind: PhoneKind) -> tuple[Send, PhoneAccount]:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        send = await find_send(conn, send_id, kind)
        account = None if send is None else await find_phone_account(conn, services.keyring, send.program_id)
    if send is None or account is None:
        raise not_found("message")
    return send, account


async def _find_account(services: Services, program_id: ProgramId) -> PhoneAccount:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        account = await find_phone_account(conn, services.keyring, program_id)
    if account is None:
        raise not_found("phone settings")
    return account


def _read(form: Mapping[str, str], state: SendState, sid: str | None) -> Report:
    failure = reason_of(_code_of(form))
    return Report(state=state, recipient=form.get("To"), failure=failure, provider_message_id=read_provider_id(sid))


def _code_of(form: Mapping[str, str]) -> int | None:
    code = form.get("ErrorCode", "")
    return int(code) if code.isascii() and code.isdigit() and len(code) < 9 else None


def _decode(body: bytes) -> DirectReport:
    """Raises Problem."""
    try:
        return msgspec.json.decode(body, type=DirectReport)
    except msgspec.DecodeError as error:
        detail = f"Correct this and send it again: {explain(error, DirectReport)}."
        raise Problem("invalid-request", detail) from error

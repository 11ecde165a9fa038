"""Numbers on posters: whoever calls one gets a link by which they join at its store. And the calls themselves."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from channels.phone.call_scripts import write_join_address, write_refusal
from channels.phone.incoming_calls_repository import CallNumber, create_call_number, end_call_number, find_call_number
from channels.phone.outcomes import read_provider_id
from channels.phone.phone_accounts_repository import find_phone_account
from channels.phone.webhooks import incoming_call_url
from ids import StoreId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.ids import new_id
from kit.pages import Page, make_page
from kit.sql import load_queries
from programs import programs_repository, stores_repository
from server.phone.answer_call import IncomingCall, answer_call
from server.phone.public_address import require_public_url
from server.phone.settings_routes import Number
from server.phone.verify_webhook import FORM, MAX_WEBHOOK_BYTES, Webhook, read_dialect_webhook, twiml
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write

QUERIES = load_queries(__file__, "call_numbers.sql")


class NewCallNumber(Body, frozen=True, kw_only=True):
    """A number to print on a poster."""

    number: Number
    """The number, in E.164; one that the program has at the provider of its phone settings."""
    store_id: StoreId
    """Whoever calls it joins at this store."""
    poster: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"\S")]
    """Where the number is printed, to tell posters apart: "Window, autumn"."""


class CalledNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number on a poster, and what came of it."""

    id: UUID
    """The number's own id."""
    number: str
    """The number, in E.164."""
    store_id: StoreId
    """Whoever calls it joins at this store."""
    poster: str
    """Where the number is printed."""
    voice_url: str
    """Set this at the provider as the address for incoming calls of the number (HTTP POST)."""
    calls: int
    """How many calls it had in the last 90 days."""
    texts: int
    """How many of them were answered by a text with a link."""
    joined: int
    """How many people have joined by such a link, at any time."""
    created_at: datetime
    """When it was added."""
    ended_at: datetime | None
    """Since when calls to it are answered no more."""


class CallNumberController(Controller):
    path = "/v1/call-numbers"
    tags = ("Phone",)

    @get(operation_id="listCallNumbers", summary="Numbers on posters, and what came of them, newest first")
    async def list_call_numbers(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[CalledNumber]:
        async with connect(services.pool) as conn:
            rows = await conn.fetch(QUERIES.list_call_numbers, staff.program_id, page.before, page.fetch_count, None)
        numbers = [_view(services, dict(row)) for row in rows]
        return make_page(numbers, page, lambda number: number.id)

    @post(operation_id="createCallNumber", summary="Add a number that is printed on a poster")
    async def create_call_number(
        self, data: JSONBody[NewCallNumber], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[CalledNumber]:
        require_public_url(services.settings)

        async def work(conn: Connection, now: datetime) -> CalledNumber:
            if not await stores_repository.are_own_stores(conn, staff.program_id, [data.store_id]):
                raise Problem("store-unknown", "Name an open store of your program in store_id.")
            number = CallNumber(
                id=new_id(),
                program_id=staff.program_id,
                number=data.number,
                store_id=data.store_id,
                poster=data.poster,
                created_at=now,
            )
            if not await create_call_number(conn, number):
                raise Problem("call-number-taken", "End the number first; it stands on another poster of yours.")
            (row,) = await conn.fetch(QUERIES.list_call_numbers, staff.program_id, None, 1, number.id)
            return _view(services, dict(row))

        return await write(request, services, work, status=201)

    @delete(
        "/{number_id:uuid}", operation_id="endCallNumber", summary="Answer calls to a number no more", status_code=204
    )
    async def end_call_number(
        self, number_id: FromPath[UUID], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        """Links that were sent stay good."""

        async def work(conn: Connection, now: datetime) -> None:
            if not await end_call_number(conn, staff.program_id, number_id, now):
                raise not_found("number")

        return await write(request, services, work, status=204)


class IncomingCallController(Controller):
    path = "/v1/phone/numbers"
    tags = ("Phone",)
    request_max_body_size = MAX_WEBHOOK_BYTES

    @post(
        "/{number_id:uuid}/calls",
        operation_id="answerCall",
        summary="Somebody calls a number on a poster",
        status_code=200,
        media_type="text/xml",
        opt={"media_types": (FORM,)},
    )
    async def answer_call(
        self, number_id: FromPath[UUID], request: Webhook, services: ServicesDependency
    ) -> Response[str]:
        """The call is refused, which costs nothing, and the caller gets a link by SMS; whoever cannot be texted hears
        the web address. A webhook that is repeated gets the same answer."""
        async with connect(services.pool) as conn:
            number = await find_call_number(conn, number_id)
            if number is None or number.ended_at is not None:
                raise not_found("number")
            account = await find_phone_account(conn, services.keyring, number.program_id)
            program = await programs_repository.find_program(conn, number.program_id)
            store = await stores_repository.find_joined_store(conn, number.store_id)
        if account is None or program is None:
            raise not_found("phone settings")
        form = await read_dialect_webhook(request, services, account)
        call_sid, called = form.get("CallSid", ""), form.get("To") or form.get("Called")
        if read_provider_id(call_sid) is None or len(call_sid) > 64 or called != number.number:
            raise Problem("invalid-request", "Send CallSid, and To: the number of this address.")
        call = IncomingCall(
            account=account,
            number=number,
            store=store,
            locale=program.default_locale,
            call_sid=call_sid,
            caller=form.get("From", ""),
        )
        answer = await in_transaction(services.pool, lambda conn: answer_call(conn, services.keyring, call, utc_now()))
        if answer == "told" and account.spoken_address is not None:
            return twiml(write_join_address(account.spoken_address))
        return twiml(write_refusal())


def _view(services: Services, row: dict[str, Any]) -> CalledNumber:
    url = incoming_call_url(services.settings.public_url or "", row["id"])
    return msgspec.convert(row | {"voice_url": url}, CalledNumber)

"""Members: joining a program, and the owner's list of who has."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from ids import MemberId, StoreId
from kit.batching import Batcher
from kit.clock import utc_now
from kit.database import Connection, connect, in_read_only_transaction
from kit.locales import Locale
from kit.pages import Page, make_page
from members import members_repository
from members.consent import Consent, ConsentPurpose
from members.device import Platform
from members.member import Member, MemberListItem
from server.accounts.enrol import EnrolCommand, EnrolmentResult
from server.accounts.find_members import find_by_card_number, find_by_contact, search_members
from server.accounts.invitation_links import TOKEN_PATTERN
from server.accounts.member_states import block, stop_card, unblock
from server.accounts.nameless import show_member
from server.alerts.tell_contacts import Telling
from server.problems import Problem
from server.runtime.app_check import HEADER
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import AppVersion, Body, TextVersion
from server.web.idempotency import Answer, make_idempotency_key
from server.web.networks import network_of
from server.web.query_parameters import INSTEAD
from server.web.writes import send, write

# There is no credential yet, so only the key identifies the phone, and the recorded answer contains a token.
MIN_ENROL_KEY_LENGTH = 32


class ConsentChoice(Body, frozen=True):
    """A yes or no of the person."""

    purpose: ConsentPurpose
    """What the consent is about."""
    granted: bool
    """False: they decline, or withdraw a former consent."""
    text_version: TextVersion
    """The wording that the person saw."""


Enrolling: TypeAlias = NamedDependency[SkipValidation[Batcher[EnrolCommand, Answer]]]


class EnrolmentRequest(Body, frozen=True, kw_only=True):
    """Somebody joins a program."""

    program: Annotated[str, msgspec.Meta(max_length=40, examples=["kissa-sakura"])]
    """The program's code, as its owner has chosen it."""
    platform: Platform
    """The phone's operating system."""
    app_version: AppVersion | None = None
    """The version of the app, as its store shows it."""
    locale: Locale | None = None
    """The person's language; null takes the program's."""
    consents: Annotated[list[ConsentChoice], msgspec.Meta(max_length=10)] = msgspec.field(default_factory=list)
    """What they agreed to or declined, each purpose once. None: nothing is granted."""
    store_id: StoreId | None = None
    """The store of the enrolment link that led here."""
    invitation: Annotated[str, msgspec.Meta(pattern=TOKEN_PATTERN)] | None = None
    """The token of the link that was sent to this person alone (`i` in it): it names the store, and is good once."""


class MemberSearch(Body, frozen=True, kw_only=True):
    """What a person says of themself on the phone or at the counter. Exactly one of the four."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["佐藤 花子"])] | None = None
    """Whatever they say: a name or its beginning, its reading in kana, a phone number, an e-mail address, a card's
    number, or the program's own number of them."""
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """A confirmed phone number, written in any form; without a country code, of the program's `phone_region`."""
    email: Annotated[str, msgspec.Meta(min_length=1, max_length=320)] | None = None
    """A confirmed e-mail address."""
    card_number: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    """The number on the card, with or without spaces and hyphens."""


class MemberController(Controller):
    path = "/v1/members"
    tags = ("Members",)

    @post(operation_id="enrolMember", summary="Join a program: an instant card, a device and its token")
    async def enrol_member(
        self,
        data: JSONBody[EnrolmentRequest],
        request: Request[None, None, State],
        services: ServicesDependency,
        enrolling: Enrolling,
    ) -> Response[EnrolmentResult]:
        address = network_of(request)
        throttle = services.browser_enrol_throttle if data.platform == "web" else services.enrol_throttle
        wait_s = throttle.wait_s(address, time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you enrol more.", retry_after_s=int(wait_s) + 1)
        key, now = request.headers.get("idempotency-key"), utc_now()
        if key is not None and len(key) < MIN_ENROL_KEY_LENGTH:
            raise Problem("invalid-request", "Make the Idempotency-Key of an enrolment a random UUID.")
        idempotency_key = make_idempotency_key(
            f"anyone:{data.program}", key, "POST", request.url.path, await request.body()
        )
        consents = stamp_consents(data.consents, now)
        attestation = await services.app_checker.check(request.headers.get(HEADER))
        command = EnrolCommand(
            program_code=data.program,
            platform=data.platform,
            locale=data.locale,
            consents=consents,
            idempotency_key=idempotency_key,
            now=now,
            app_version=data.app_version,
            store_id=data.store_id,
            invitation=data.invitation,
            attestation=attestation,
        )
        return send(await enrolling.submit(command))

    @post(
        "/{member_id:uuid}/block",
        operation_id="blockMember",
        summary="Block a member: card, coupons and app",
        status_code=200,
    )
    async def block_member(
        self, member_id: FromPath[MemberId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Member]:
        async def work(conn: Connection, now: datetime) -> Member:
            return await block(conn, staff, member_id, now)

        return await write(request, services, work)

    @post(
        "/{member_id:uuid}/unblock",
        operation_id="unblockMember",
        summary="Let a blocked member in again",
        status_code=200,
    )
    async def unblock_member(
        self, member_id: FromPath[MemberId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Member]:
        """Their phone must register a new card key."""

        async def work(conn: Connection, now: datetime) -> Member:
            return await unblock(conn, staff, member_id, now)

        return await write(request, services, work)

    @delete(
        "/{member_id:uuid}/card-key",
        operation_id="revokeMemberCardKey",
        summary="Stop a card that was on a lost phone",
        status_code=204,
    )
    async def revoke_member_card_key(
        self, member_id: FromPath[MemberId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        """Its codes are refused at once online, and by an offline till from its next sync on."""

        async def work(conn: Connection, now: datetime) -> None:
            await stop_card(conn, Telling.of(services), staff, member_id, now)

        return await write(request, services, work, status=204)

    @get(
        operation_id="listMembers",
        summary="Members, newest first",
        opt={INSTEAD: "POST /v1/members/search finds members by name, phone, email or a number."},
    )
    async def list_members(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[MemberListItem]:
        """For an analyst without names, readings and numbers of cards."""
        async with connect(services.pool) as conn:
            rows = await members_repository.list_members(conn, staff.program_id, page)
        shown = [show_member(member, staff) for member in rows]
        return make_page(shown, page, lambda member: member.member_id)

    @post(
        "/search",
        operation_id="findMembers",
        summary="Members by name, reading, phone number, e-mail address or a number on a card",
        status_code=200,
    )
    async def find_members(
        self,
        data: JSONBody[MemberSearch],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
    ) -> Page[MemberListItem]:
        """By `text`, whoever has it as a number or an address; where nobody has, those whose name or reading it stands
        in, page by page: kana and single characters are looked up from the beginning and answered in their order, the
        rest is found anywhere in a name, the newest member first. By one of the others: one or none.

        In a body, because what tells of a person must not stand in a URL, which is logged on the way. It changes
        nothing.
        """
        match data.text, data.phone, data.email, data.card_number:
            case (str(text), None, None, None):
                search = partial(search_members, keyring=services.keyring, program_id=staff.program_id)
                return await in_read_only_transaction(services.pool, partial(search, text=text, page=page))
            case (None, str(phone), None, None):
                find = partial(find_by_contact, kind="phone", text=phone)
            case (None, None, str(email), None):
                find = partial(find_by_contact, kind="email", text=email)
            case (None, None, None, str(number)):
                find = partial(find_by_card_number, text=number)
            case _:
                raise Problem("invalid-request", "Give text, phone, email or card_number, and only one of them.")
        async with connect(services.pool) as conn:
            found = await find(conn, services.keyring, staff.program_id)
        return Page([] if found is None else [found], None)


def stamp_consents(given: Sequence[ConsentChoice], now: datetime) -> list[Consent]:
    """The person's choices as the app sends them, with our time. Raises Problem."""
    if len({consent.purpose for consent in given}) != len(given):
        raise Problem("invalid-request", "Name each purpose once in consents.")
    return [
        Consent(
            purpose=consent.purpose, granted=consent.granted, text_version=consent.text_version, source="app", at=now
        )
        for consent in given
    ]

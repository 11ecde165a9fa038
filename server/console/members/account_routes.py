"""What the staff do at a member's request: the card that was lost, blocking, a transfer that is not theirs, erasure."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from ids import MemberId, TransferId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.sql import load_queries
from members.personal_repository import find_erasure_due_at, withdraw_erasure_request
from members.transfers_repository import list_open_transfers
from server.accounts.contact_routes import VerifiedBy
from server.accounts.decide_transfer import approve_for_holder, object_for_holder
from server.accounts.member_states import block, stop_card, unblock
from server.alerts.tell_contacts import Telling
from server.console.forms import book, new_form_key, read_fields
from server.console.members.care_words import CARE
from server.console.members.member_page import member_url, open_member
from server.console.members.words import MEMBERS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest, lead_to
from server.privacy.erase_now import erase_now
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import find_member_of
from server.web.services import Services
from server.web.writes import path_of

QUERIES = load_queries(__file__, "care.sql")
_VERIFIED_BY: tuple[str, ...] = get_args(VerifiedBy)
_MOST_REQUESTS = 200
# What asks how it was made sure that it is the member, and what is said where the form does not tell.
_UNPROVED = {"erase": "erase_unproved", "approve": "approve_unproved"}
# Problems that the page itself says.
_SAID = {
    "invalid-member-state": "state_changed",
    "transfer-over": "transfer_over",
    "idempotency-in-flight": "form_in_flight",
    "idempotency-key-reused": "form_sent_before",
}


class MemberAccountController(Controller):
    path = "/console/members/{member_id:uuid}/account"

    @get()
    async def show_account(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await _show(request, staff, services, member_id)

    @post("/{action:str}", status_code=303)
    async def act(
        self,
        member_id: FromPath[MemberId],
        action: FromPath[str],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Raises Problem."""
        typed = await read_fields(request)
        work = _WORKS.get(action)
        if work is None:
            raise Problem("not-found", "There is no such form.")
        if action in _UNPROVED and (typed.get("verified_by") not in _VERIFIED_BY or typed.get("sure") != "yes"):
            return await _show(request, staff, services, member_id, error=_UNPROVED[action])

        async def run(conn: Connection, now: datetime) -> None:
            await find_member_of(conn, staff, member_id)
            await work(conn, services, staff, member_id, typed, now)

        target = None
        if action in _UNPROVED:
            target = f"{'erased' if action == 'erase' else path_of(request)}, verified by {typed['verified_by']}"
        try:
            await book(request, services, run, target=target)
        except Problem as problem:
            if problem.slug not in _SAID:
                raise
            return await _show(request, staff, services, member_id, error=_SAID[problem.slug])
        if action == "erase":
            return lead_to("/console/members/erasures?done=erase")
        return lead_to(f"{member_url(member_id, 'account')}?done={action}")


class ErasureController(Controller):
    path = "/console/members/erasures"

    @get()
    async def show_erasures(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """Who has asked for it, and until when they may still stay."""
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            requests = await conn.fetch(QUERIES.list_erasure_requests, staff.program_id, _MOST_REQUESTS)
        done = request.query_params.get("done") == "erase"
        return viewing.show("console/members/erasures.html", {**MEMBERS, **CARE}, requests=requests, done=done)


async def _block(conn: Connection, _: Services, staff: Any, member_id: MemberId, __: Any, now: datetime) -> None:
    await block(conn, staff, member_id, now)


async def _unblock(conn: Connection, _: Services, staff: Any, member_id: MemberId, __: Any, now: datetime) -> None:
    await unblock(conn, staff, member_id, now)


async def _stop_card(
    conn: Connection, services: Services, staff: Any, member_id: MemberId, _: Any, now: datetime
) -> None:
    await stop_card(conn, Telling.of(services), staff, member_id, now)


async def _object(
    conn: Connection, services: Services, _: Any, member_id: MemberId, typed: dict[str, str], now: datetime
) -> None:
    telling, snapshot = Telling.of(services), services.keeper.current
    await object_for_holder(conn, telling, snapshot, member_id, _read_transfer(typed), now)


async def _approve(
    conn: Connection, services: Services, _: Any, member_id: MemberId, typed: dict[str, str], now: datetime
) -> None:
    await approve_for_holder(conn, Telling.of(services), member_id, _read_transfer(typed), now)


def _read_transfer(typed: dict[str, str]) -> TransferId:
    """Raises Problem."""
    try:
        return TransferId(UUID(typed.get("transfer", "")))
    except ValueError:
        raise Problem("transfer-over", "Open the page anew.") from None


async def _erase(conn: Connection, services: Services, staff: Any, member_id: MemberId, _: Any, now: datetime) -> None:
    await erase_now(conn, Telling.of(services), staff.program_id, member_id, now)


async def _stay(conn: Connection, _: Services, __: Any, member_id: MemberId, ___: Any, ____: datetime) -> None:
    await withdraw_erasure_request(conn, member_id)


_Work = Callable[[Connection, Services, Any, MemberId, dict[str, str], datetime], Awaitable[None]]
_WORKS: dict[str, _Work] = {
    "block": _block,
    "unblock": _unblock,
    "stop-card": _stop_card,
    "object": _object,
    "approve": _approve,
    "erase": _erase,
    "stay": _stay,
}


async def _show(
    request: PageRequest, staff: Any, services: Services, member_id: MemberId, *, error: str | None = None
) -> Response[str]:
    now = utc_now()
    async with connect(services.pool) as conn:
        page = await open_member(conn, request, services, staff, member_id, "account")
        transfers = await list_open_transfers(conn, member_id, now)
        due_at = await find_erasure_due_at(conn, member_id)
    return page.show(
        status=200 if error is None else 422,
        against=[each for each in transfers if each.holder_id == member_id],
        asked=[each for each in transfers if each.member_id == member_id],
        now=now,
        due_at=due_at,
        verified_by=_VERIFIED_BY,
        key=new_form_key(),
        error=error,
    )

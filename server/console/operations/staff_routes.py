"""The staff: who there is, invitations, roles and stores, lost factors, the end of somebody's work."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, get_args

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from ids import ProgramId, StaffId, StoreId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.names import is_name
from kit.pages import NEWEST, PageRequest, make_page, parse_page
from kit.typed_text import clean_up
from programs import factors_repository, programs_repository, staff_repository, stores_repository
from programs.staff_links_repository import list_invited
from programs.staff_repository import Role, Session
from server.backoffice.staff_changes import (
    change_person,
    disable_person,
    find_person,
    invite_again,
    invite_person,
    reset_factors,
)
from server.console.forms import read_fields
from server.console.frame import lead_on
from server.console.operations.staff_words import STAFF_WORDS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest as FaceRequest
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

STAFF_LIST = "/console/staff"
_PERSONS_A_PAGE = 50
_MOST_STORES = 200
# Problems that the forms themselves say; any other is a page of its own.
_SAID = {
    "email-taken": "email_taken",
    "last-owner": "last_owner",
    "store-unknown": "stores_unknown",
    "invalid-request": "person_unreadable",
    "channel-not-configured": "no_mail",
}
Work = Callable[[Connection, datetime], Awaitable[Any]]


class StaffPageController(Controller):
    path = STAFF_LIST

    @get()
    async def show_staff(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show_list(request, staff, services, {})

    @post(status_code=303)
    async def invite(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await read_fields(request)

        async def work(conn: Connection, now: datetime) -> None:
            name, role, store_ids = await _read_person(conn, staff.program_id, typed)
            await invite_person(
                conn,
                services,
                staff.program_id,
                email=_read_email(typed),
                name=name,
                role=role,
                store_ids=store_ids,
                now=now,
            )

        error = await _try(request, services, work, "invitation")
        if error is not None:
            return await _show_list(request, staff, services, typed, error=error)
        return lead_on(request, STAFF_LIST, "invited")

    @post("/second-factor", status_code=303)
    async def demand_factor(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        is_demanded = (await read_fields(request)).get("demand") == "1"

        async def work(conn: Connection, _: datetime) -> None:
            await programs_repository.set_factor_demand(conn, staff.program_id, is_demanded=is_demanded)

        await _try(request, services, work, "second factor of everybody")
        return lead_on(request, STAFF_LIST, "saved")


class StaffMemberController(Controller):
    path = f"{STAFF_LIST}/{{staff_id:uuid}}"

    @get()
    async def show_person(
        self, staff_id: FromPath[StaffId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show_person(request, staff, services, staff_id)

    @post(status_code=303)
    async def change(
        self, staff_id: FromPath[StaffId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await read_fields(request)

        async def work(conn: Connection, _: datetime) -> None:
            await change_person(conn, staff.program_id, staff_id, *await _read_person(conn, staff.program_id, typed))

        return await _do(request, staff, services, staff_id, work, "saved", typed)

    @post("/invitation", status_code=303)
    async def send_again(
        self, staff_id: FromPath[StaffId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, _: datetime) -> None:
            await invite_again(conn, services, staff.program_id, staff_id)

        return await _do(request, staff, services, staff_id, work, "invited")

    @post("/second-factor", status_code=303)
    async def reset_factor(
        self, staff_id: FromPath[StaffId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, _: datetime) -> None:
            await reset_factors(conn, staff.program_id, staff_id)

        return await _do(request, staff, services, staff_id, work, "factors_reset")

    @post("/end", status_code=303)
    async def end(
        self, staff_id: FromPath[StaffId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime) -> None:
            await disable_person(conn, staff.program_id, staff_id, now)

        return await _do(request, staff, services, staff_id, work, "person_ended")


async def _do(
    request: FaceRequest,
    staff: Session,
    services: Services,
    staff_id: StaffId,
    work: Work,
    told: str,
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    error = await _try(request, services, work, str(staff_id))
    if error is not None:
        return await _show_person(request, staff, services, staff_id, typed=typed, error=error)
    return lead_on(request, f"{STAFF_LIST}/{staff_id}", told)


async def _try(request: FaceRequest, services: Services, work: Work, target: str) -> str | None:
    """The name of the word for what was wrong; None where it is done. Raises Problem for what no form says."""

    async def run(conn: Connection, now: datetime) -> None:
        await work(conn, now)

    try:
        await write(request, services, run, is_keyed=False, target=target)
    except Problem as problem:
        if problem.slug not in _SAID:
            raise
        return _SAID[problem.slug]
    return None


def _read_email(typed: dict[str, str]) -> str:
    email = clean_up(typed.get("email", "")).lower()
    local, _, domain = email.rpartition("@")
    if not local or not domain or len(email) > 320 or any(each.isspace() for each in email):
        raise Problem("invalid-request", "Give an e-mail address.")
    return email


async def _read_person(
    conn: Connection, program_id: ProgramId, typed: dict[str, str]
) -> tuple[str, Role, list[StoreId]]:
    """Name, role, and the stores by their codes. Raises Problem."""
    name, role = typed.get("name", "").strip(), typed.get("role", "")
    codes = list(dict.fromkeys(typed.get("stores", "").replace(",", " ").replace("、", " ").split()))
    is_whole = "stores" in typed  # what is too long for a field is left out, and that is not "no stores"
    if not is_name(name) or role not in get_args(Role) or not is_whole or len(codes) > _MOST_STORES:
        raise Problem("invalid-request", "Give a name, a role, and no more than 200 stores.")
    store_ids = []
    for code in codes if role == "store_manager" else ():
        found = await stores_repository.list_stores(conn, program_id, PageRequest(NEWEST, 1), None, code=code)
        if not found:
            raise Problem("store-unknown", "Name stores by their codes.")
        store_ids.append(found[0].id)
    return name, role, store_ids  # type: ignore[return-value]


async def _show_list(
    request: FaceRequest, staff: Session, services: Services, typed: dict[str, str], *, error: str | None = None
) -> Response[str]:
    asked = parse_page(request.query_params.get("cursor") or None, _PERSONS_A_PAGE)
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        rows = await staff_repository.list_staff(conn, staff.program_id, asked)
        page = make_page(rows, asked, lambda person: person.id)
        invited = await list_invited(conn, [each.id for each in page.items])
        is_demanded = await programs_repository.demands_second_factor(conn, staff.program_id)
    return viewing.show(
        "console/operations/staff.html",
        STAFF_WORDS,
        status=200 if error is None else 422,
        persons=page.items,
        invited=invited,
        now=utc_now(),
        is_demanded=is_demanded,
        next_cursor=page.next_cursor,
        roles=get_args(Role)[::-1],  # what may least stands first
        typed={name: typed.get(name, "") for name in ("email", "name", "role", "stores")},
        error=error,
    )


async def _show_person(
    request: FaceRequest,
    staff: Session,
    services: Services,
    staff_id: StaffId,
    *,
    typed: dict[str, str] | None = None,
    error: str | None = None,
) -> Response[str]:
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        found = await find_person(conn, staff.program_id, staff_id)
        codes = [await stores_repository.find_store(conn, staff.program_id, each) for each in found.store_ids]
        shown = {"name": found.name, "role": found.role, "stores": " ".join(each.code for each in codes if each)}
        return viewing.show(
            "console/operations/person.html",
            STAFF_WORDS,
            status=200 if error is None else 422,
            subject=found,
            factors=await factors_repository.find_factors(conn, staff_id),
            has_come=await staff_repository.find_password_hash(conn, staff.program_id, staff_id) is not None,
            invited_until=(await list_invited(conn, [staff_id])).get(staff_id),
            roles=get_args(Role)[::-1],  # what may least stands first
            typed=shown | {name: typed[name] for name in shown if typed and name in typed},
            error=error,
        )

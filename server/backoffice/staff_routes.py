"""Staff of a program: owners, managers of named stores, marketers and analysts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from ids import ProgramId, StaffId, StoreId
from kit.database import Connection, connect
from kit.ids import new_id
from kit.pages import Page, make_page
from kit.typed_text import clean_up
from programs import staff_repository, stores_repository
from programs.passwords import hash_password
from programs.staff_repository import Role, StaffMember
from server.backoffice.reset_password import tell_password_change
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body, Name, Password
from server.web.writes import write

Email = Annotated[
    str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+(?!\n)$", max_length=320, description="an e-mail address")
]
StoreIds = Annotated[list[StoreId], msgspec.Meta(max_length=10_000, description="the stores of a store manager")]


class NewStaffMember(Body, frozen=True, kw_only=True):
    """Somebody to add to the staff."""

    email: Email
    """With which they log in; unique in the program, and never changed."""
    name: Name
    """What colleagues call them."""
    password: Password
    """Their first password; they can change it."""
    role: Role
    """An `owner` may do everything in the program, a `store_manager` what concerns their stores, a `marketer` what
    concerns campaigns and audiences; an `analyst` reads figures, and nobody's name or contact."""
    store_ids: StoreIds = msgspec.field(default_factory=list)
    """The stores of a store manager; none for the others, whose role is for all."""


class StaffMemberChange(Body, frozen=True):
    """Somebody of the staff as they shall be."""

    name: Name
    """What colleagues call them."""
    role: Role
    """An `owner` may do everything in the program, a `store_manager` what concerns their stores, a `marketer` what
    concerns campaigns and audiences; an `analyst` reads figures, and nobody's name or contact."""
    store_ids: StoreIds = msgspec.field(default_factory=list)
    """The stores of a store manager; none for the others, whose role is for all."""


class PasswordReset(Body, frozen=True):
    """A new password for somebody else."""

    password: Password
    """The password from now on. Their sessions end."""


class StaffController(Controller):
    path = "/v1/staff"
    tags = ("Staff",)

    @get(operation_id="listStaff", summary="Everybody of the staff")
    async def list_staff(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[StaffMember]:
        async with connect(services.pool) as conn:
            rows = await staff_repository.list_staff(conn, staff.program_id, page)
        return make_page(rows, page, lambda person: person.id)

    @post(
        operation_id="createStaffMember",
        summary="Add somebody to the staff",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def create_staff_member(
        self,
        data: JSONBody[NewStaffMember],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[StaffMember]:
        password_hash = await hash_password(data.password)

        async def work(conn: Connection, now: datetime) -> StaffMember:
            await _check_stores(conn, staff.program_id, data.role, data.store_ids)
            person = StaffMember(
                StaffId(new_id()),
                staff.program_id,
                clean_up(data.email).lower(),
                data.name,
                data.role,
                data.store_ids,
                now,
                None,
            )
            if not await staff_repository.create_staff(conn, person, password_hash):
                raise Problem("email-taken", "Somebody of this program has this e-mail address already.")
            return person

        return await write(request, services, work, status=201)

    @get("/{staff_id:uuid}", operation_id="getStaffMember", summary="One of the staff")
    async def get_staff_member(
        self, staff_id: FromPath[StaffId], staff: SessionDependency, services: ServicesDependency
    ) -> StaffMember:
        async with connect(services.pool) as conn:
            return await _find(conn, staff.program_id, staff_id)

    @put(
        "/{staff_id:uuid}",
        operation_id="updateStaffMember",
        summary="Change somebody's name, role or stores",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def update_staff_member(
        self,
        staff_id: FromPath[StaffId],
        data: JSONBody[StaffMemberChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[StaffMember]:
        async def work(conn: Connection, _: datetime) -> StaffMember:
            await _check_stores(conn, staff.program_id, data.role, data.store_ids)
            if data.role != "owner":
                await _require_other_owner(conn, staff.program_id, staff_id)
            if not await staff_repository.update_staff(
                conn, staff.program_id, staff_id, data.name, data.role, data.store_ids
            ):
                raise not_found("person")
            return await _find(conn, staff.program_id, staff_id)

        return await write(request, services, work)

    @put(
        "/{staff_id:uuid}/password",
        operation_id="resetStaffPassword",
        summary="Give somebody a new password; their sessions end",
        status_code=204,
    )
    async def reset_staff_password(
        self,
        staff_id: FromPath[StaffId],
        data: JSONBody[PasswordReset],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        password_hash = await hash_password(data.password)

        async def work(conn: Connection, now: datetime) -> None:
            if not await staff_repository.set_password_hash(conn, staff.program_id, staff_id, password_hash):
                raise not_found("person")
            await tell_password_change(conn, services, staff.program_id, staff_id, now)

        return await write(request, services, work, status=204)

    @delete(
        "/{staff_id:uuid}",
        operation_id="disableStaffMember",
        summary="Disable somebody; their sessions end",
        status_code=204,
    )
    async def disable_staff_member(
        self, staff_id: FromPath[StaffId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime) -> None:
            await _require_other_owner(conn, staff.program_id, staff_id)
            if not await staff_repository.disable_staff(conn, staff.program_id, staff_id, now):
                raise not_found("person")

        return await write(request, services, work, status=204)


async def _find(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> StaffMember:
    person = await staff_repository.find_staff(conn, program_id, staff_id)
    if person is None:
        raise not_found("person")
    return person


async def _check_stores(conn: Connection, program_id: ProgramId, role: Role, store_ids: Sequence[StoreId]) -> None:
    if role != "store_manager" and store_ids:
        raise Problem("invalid-request", "Leave store_ids empty for this role: it is for all stores.")
    if len(set(store_ids)) != len(store_ids):
        raise Problem("invalid-request", "Name each store once in store_ids.")
    if not await stores_repository.are_own_stores(conn, program_id, store_ids):
        raise Problem("store-unknown", "Name only open stores of your program in store_ids.")


async def _require_other_owner(conn: Connection, program_id: ProgramId, staff_id: StaffId) -> None:
    if await staff_repository.lock_owners(conn, program_id) == [staff_id]:
        raise Problem("last-owner", "Name another owner first.")

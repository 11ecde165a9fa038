"""Staff of a program: owners, managers of named stores, marketers and analysts."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from ids import StaffId, StoreId
from kit.database import Connection, connect
from kit.names import Name
from kit.pages import Page, make_page
from programs import staff_repository
from programs.passwords import hash_password
from programs.staff_repository import Role, StaffMember
from server.backoffice.reset_password import tell_password_change
from server.backoffice.staff_changes import add_person, change_person, disable_person, find_person, invite_person
from server.problems import not_found
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body, Password
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
    password: Password | None = None
    """Their first password; they can change it. Leave it out, and an e-mail invites them to choose one by a link that
    is good once, for seven days."""
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
        password_hash = None if data.password is None else await hash_password(data.password)
        program_id, told = staff.program_id, {"email": data.email, "name": data.name}

        async def work(conn: Connection, now: datetime) -> StaffMember:
            if password_hash is None:
                return await invite_person(
                    conn, services, program_id, **told, role=data.role, store_ids=data.store_ids, now=now
                )
            return await add_person(
                conn,
                program_id,
                **told,
                role=data.role,
                store_ids=data.store_ids,
                password_hash=password_hash,
                now=now,
            )

        return await write(request, services, work, status=201)

    @get("/{staff_id:uuid}", operation_id="getStaffMember", summary="One of the staff")
    async def get_staff_member(
        self, staff_id: FromPath[StaffId], staff: SessionDependency, services: ServicesDependency
    ) -> StaffMember:
        async with connect(services.pool) as conn:
            return await find_person(conn, staff.program_id, staff_id)

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
            return await change_person(conn, staff.program_id, staff_id, data.name, data.role, data.store_ids)

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
            await disable_person(conn, staff.program_id, staff_id, now)

        return await write(request, services, work, status=204)

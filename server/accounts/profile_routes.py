"""What is known of a member: read and changed by the member and by the staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Controller, Response, get, patch
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from ids import MemberId
from kit.database import Connection, connect
from kit.locales import Locale
from members.aliases_repository import lock_active_member
from members.attribute_values import Birthday
from members.attributes import MAX_ATTRIBUTES, MAX_TEXT_LENGTH
from members.members_repository import set_locale
from programs.staff_repository import Session
from server.accounts.profiles import MemberProfile, ProfileRequest, change_profile, read_profile
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency, SessionDependency
from server.web.device_guard import lock_active_device
from server.web.fields import Body
from server.web.scoping import find_member_of
from server.web.writes import path_of, write

Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_LENGTH)]
ChoiceKey: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
# What a value may be as JSON; which one is right depends on the attribute.
OwnValue: TypeAlias = (
    Annotated[str, msgspec.Meta(max_length=2 * MAX_TEXT_LENGTH)]
    | int
    | float
    | bool
    | Annotated[list[ChoiceKey], msgspec.Meta(max_length=200)]
    | None
)


class ProfileChange(Body, frozen=True, kw_only=True):
    """What is to change: a field that is left out stays as it is, and null clears it (RFC 7396)."""

    name: Text | UnsetType | None = UNSET
    """The full name, as it is written; 100 characters at most."""
    kana: Text | UnsetType | None = UNSET
    """The reading of the name, in katakana, hiragana or half-width katakana; it is kept in katakana."""
    nickname: Text | UnsetType | None = UNSET
    """What they want to be called; 50 characters at most."""
    birthday: Birthday | UnsetType | None = UNSET
    """The day, with or without the year; the whole of it is written."""
    gender: ChoiceKey | UnsetType | None = UNSET
    """`female`, `male`, `other`, or `undisclosed` for who prefers not to say."""
    postal_code: Annotated[str, msgspec.Meta(max_length=20, examples=["160-0022"])] | UnsetType | None = UNSET
    """A Japanese postal code, with or without a hyphen; it is kept as seven digits."""
    prefecture: int | UnsetType | None = UNSET
    """The prefecture's code (JIS X 0401), 1 to 47; 13 is Tokyo."""
    city: Text | UnsetType | None = UNSET
    """The city, ward or town; 100 characters at most."""
    job: ChoiceKey | UnsetType | None = UNSET
    """One of the choices of the standard attribute `job`."""
    income_band: ChoiceKey | UnsetType | None = UNSET
    """One of the choices of the standard attribute `income_band`: yen a year."""
    time_zone: Annotated[str, msgspec.Meta(max_length=60, examples=["Asia/Tokyo"])] | UnsetType | None = UNSET
    """The IANA name of the member's own time zone; null: that of the store where they joined, else the program's."""
    locale: Locale | UnsetType = UNSET
    """The member's language. It always has a value."""
    attributes: Annotated[dict[str, OwnValue], msgspec.Meta(max_length=MAX_ATTRIBUTES)] = msgspec.field(
        default_factory=dict
    )
    """Attributes of the program's own by their keys; those that are not named stay as they are."""
    version: int | UnsetType = UNSET
    """The version that you have read: where the profile has changed since, the change is refused."""


class OwnProfileController(Controller):
    path = "/v1/me/profile"
    tags = ("Member",)

    @get(operation_id="getMyProfile", summary="What the program knows of the member, as far as members write it")
    async def get_my_profile(self, device: DeviceDependency, services: ServicesDependency) -> MemberProfile:
        async with connect(services.pool) as conn:
            return await read_profile(conn, device.program_id, device.member_id, "member")

    @patch(operation_id="updateMyProfile", summary="Change what the program knows of the member")
    async def update_my_profile(
        self, data: JSONBody[ProfileChange], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[MemberProfile]:
        """Only attributes that members may write; the staff's notes are neither shown here nor changed."""

        async def work(conn: Connection, now: datetime) -> MemberProfile:
            await _set_locale(conn, device.member_id, data)
            await lock_active_device(conn, device)
            asked = ProfileRequest(device.program_id, device.member_id, "member", *_read(data))
            return await change_profile(conn, asked, now)

        return await write(request, services, work)


class MemberProfileController(Controller):
    path = "/v1/members/{member_id:uuid}/profile"
    tags = ("Members",)

    @get(operation_id="getMemberProfile", summary="What the program knows of a member")
    async def get_member_profile(
        self, member_id: FromPath[MemberId], staff: SessionDependency, services: ServicesDependency
    ) -> MemberProfile:
        async with connect(services.pool) as conn:
            await find_member_of(conn, staff, member_id)
            return await read_profile(conn, staff.program_id, member_id, "staff")

    @patch(operation_id="updateMemberProfile", summary="Change what the program knows of a member")
    async def update_member_profile(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[ProfileChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[MemberProfile]:
        """The audit trail says who changed which fields, and when; it holds no values."""
        standard, own, _ = _read(data)

        async def work(conn: Connection, now: datetime) -> MemberProfile:
            return await change_member_profile(conn, staff, member_id, data, now)

        fields = ", ".join(sorted((*standard, *own)))
        return await write(request, services, work, target=f"{path_of(request)}: {fields}")


async def change_member_profile(
    conn: Connection, staff: Session, member_id: MemberId, data: ProfileChange, now: datetime
) -> MemberProfile:
    """By the staff. Raises Problem."""
    await find_member_of(conn, staff, member_id)
    await _set_locale(conn, member_id, data)
    match await lock_active_member(conn, member_id):
        case "merged":
            raise Problem("invalid-member-state", "Change the profile of the member whom they became.")
        case "erased" | None:
            raise not_found("member")
    return await change_profile(conn, ProfileRequest(staff.program_id, member_id, "staff", *_read(data)), now)


def _read(data: ProfileChange) -> tuple[Mapping[str, Any], Mapping[str, Any], int | None]:
    """What is named of the standard attributes, and of the program's own; the version that was read."""
    named = {
        field: value
        for field in data.__struct_fields__
        if field not in ("attributes", "version") and (value := getattr(data, field)) is not UNSET
    }
    return named, data.attributes, None if data.version is UNSET else data.version


async def _set_locale(conn: Connection, member_id: MemberId, data: ProfileChange) -> None:
    """Before the member is locked to share them: two who share could both wait to write."""
    if data.locale is not UNSET:
        await set_locale(conn, member_id, data.locale)

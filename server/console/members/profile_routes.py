"""A member's profile as a form: the flow of the API's route, with what is wrong said beside its field."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from ids import MemberId
from kit.database import Connection, connect
from members.attributes_repository import list_attributes
from server.accounts.profile_routes import ProfileChange, change_member_profile
from server.accounts.profiles import read_profile
from server.console.forms import book, new_form_key, read_fields
from server.console.members.member_page import MemberPage, member_url, open_member
from server.console.members.profile_form import (
    BadField,
    ProfileField,
    find_changed,
    list_fields,
    read_change,
    spell,
    type_profile,
)
from server.console.members.profile_words import PROFILE
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import path_of

_SAID = {
    "invalid-member-state": "profile_gone",
    "idempotency-in-flight": "form_in_flight",
    "idempotency-key-reused": "form_sent_before",
}


class Standing(msgspec.Struct, frozen=True):
    """A profile as it is saved. `typed`: as the form shows it."""

    page: MemberPage
    fields: Sequence[ProfileField]
    typed: dict[str, str]
    version: int


class MemberProfilePageController(Controller):
    path = "/console/members/{member_id:uuid}/profile"

    @get()
    async def show_profile(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        standing = await _find_standing(request, staff, services, member_id)
        return _show(standing, standing.typed)

    @post(status_code=303)
    async def change_profile(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Only what differs from what is saved is written, and where nobody else has written since."""
        sent = await read_fields(request)
        standing = await _find_standing(request, staff, services, member_id)
        typed = {name: sent.get(name, "") for name in standing.typed}
        changed = find_changed(standing.fields, typed, standing.typed)
        if not changed:
            return lead_to(member_url(member_id))
        try:
            change = _read_change(changed, typed, sent.get("version", ""))

            async def work(conn: Connection, now: datetime) -> None:
                await change_member_profile(conn, staff, member_id, change, now)

            keys = ", ".join(sorted(field.key for field in changed))
            await book(request, services, work, target=f"{path_of(request)}: {keys}")
        except BadField as fault:
            return _show(standing, typed, key=sent.get("key"), error="profile_faults", fault=fault, status=422)
        except Problem as problem:
            if problem.slug == "attribute-unusable":
                named = _fault_of(standing, str(problem.extra["attribute"]))
                return _show(standing, typed, key=sent.get("key"), error="profile_faults", fault=named, status=422)
            if problem.slug == "profile-changed":
                return _show(standing, typed, error="profile_changed", differing=changed, status=409)
            if problem.slug not in _SAID:
                raise
            return _show(standing, typed, error=_SAID[problem.slug], status=422)
        return lead_to(f"{member_url(member_id)}?done=profile")


def _read_change(changed: Sequence[ProfileField], typed: dict[str, str], version: str) -> ProfileChange:
    """Raises BadField."""
    told = read_change(changed, typed)
    # A version that is no number is none that anybody has read.
    told["version"] = int(version) if re.fullmatch(r"[0-9]{1,9}", version) else -1
    try:
        return msgspec.convert(told, ProfileChange)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.(\w+)", str(error))
        fault = next((each for each in changed if found and each.key == found[1]), changed[0])
        raise BadField(fault.key, fault.kind) from error


def _fault_of(standing: Standing, key: str) -> BadField:
    return next((BadField(key, each.kind) for each in standing.fields if each.key == key), BadField(key, "text"))


async def _find_standing(request: PageRequest, staff: Any, services: Services, member_id: MemberId) -> Standing:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        page = await open_member(conn, request, services, staff, member_id, "overview")
        attributes = await list_attributes(conn, staff.program_id)
        profile = await read_profile(conn, staff.program_id, member_id, "staff")
    fields = list_fields(attributes, page.viewing.locale)
    typed = type_profile(fields, msgspec.structs.asdict(profile), profile.attributes)
    return Standing(page, fields, typed, profile.version)


def _show(
    standing: Standing,
    typed: dict[str, str],
    *,
    key: str | None = None,
    error: str | None = None,
    fault: BadField | None = None,
    differing: Sequence[ProfileField] | None = None,
    status: int = 200,
) -> Response[str]:
    """`differing`: those whose saved value is told beside what was typed."""
    return standing.page.show(
        template="profile",
        words=PROFILE,
        status=status,
        fields=standing.fields,
        typed=typed,
        version=standing.version,
        key=key or new_form_key(),
        error=error,
        fault=fault,
        held={field.key: spell(field, standing.typed) for field in differing or ()},
    )

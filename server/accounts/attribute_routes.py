"""Which attributes a program keeps of its members: the standard ones, and those that its owner has made."""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from audiences.audiences_repository import list_campaigns_of_attribute
from ids import ProgramId
from kit.database import Connection, connect
from kit.locales import Locale
from members.attributes import (
    MAX_ATTRIBUTES,
    MAX_CHOICES,
    STANDARD_ATTRIBUTES,
    Attribute,
    AttributeKind,
    Choice,
    StandardAttribute,
    StandardKind,
    Writer,
)
from members.attributes_repository import (
    insert_attribute,
    list_attributes,
    lock_attribute,
    remove_attribute,
    update_attribute,
)
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.writes import write

Label: TypeAlias = Annotated[
    dict[Locale, Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]], msgspec.Meta(min_length=1)
]
AttributeKey: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z][a-z0-9_]{0,39}(?!\n)$",
        description="a letter, then up to 39 of a-z, 0-9 and _",
        examples=["shoe_size"],
    ),
]
Writers: TypeAlias = Annotated[list[Writer], msgspec.Meta(min_length=1, max_length=4)]


class ChoiceBody(Body, frozen=True):
    """One of the values to choose from."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_]{0,39}(?!\n)$", description="1 to 40 of a-z, 0-9, _")]
    """What is stored and sent."""
    label: Label
    """What people read, in Japanese, English or both."""


Choices: TypeAlias = Annotated[list[ChoiceBody], msgspec.Meta(max_length=MAX_CHOICES)]


class NewAttribute(Body, frozen=True, kw_only=True):
    """An attribute to keep of every member."""

    key: AttributeKey
    """Its name in profiles, audiences and files; not that of a standard attribute."""
    kind: AttributeKind
    """What its values are: a text, a number, a day, yes or no, one of the choices, or several. It never changes."""
    label: Label
    """What people read, in Japanese, English or both."""
    choices: Choices = msgspec.field(default_factory=list)
    """Of `one_of` and `many_of`: what there is to choose from; at least one. None for the other kinds."""
    writers: Writers
    """Who may write it: the member, the staff, an import, a till. Members see only what they may write."""
    is_profiling: bool
    """True for what weighs a person up: it is unknown to audiences without the member's consent to profiling."""


class AttributeChange(Body, frozen=True, kw_only=True):
    """What is to change of an attribute; what is left out stays as it is."""

    label: Label | UnsetType = UNSET
    """What people read, in Japanese, English or both."""
    choices: Choices | UnsetType = UNSET
    """All choices from now on, in their order: new labels and more choices. None that was there can be left out."""
    writers: Writers | UnsetType = UNSET
    """Who may write it from now on."""
    is_profiling: bool | UnsetType = UNSET
    """Whether it is unknown to audiences without the member's consent to profiling."""


class AttributeView(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of members."""

    key: str
    """Its name in profiles, audiences and files."""
    kind: AttributeKind | StandardKind
    """What its values are."""
    is_standard: bool
    """Whether every program has it: a field of the profile itself, which nobody changes or removes."""
    label: dict[Locale, str]
    """What people read."""
    choices: list[Choice]
    """What there is to choose from; empty for kinds without choices."""
    writers: list[Writer]
    """Who may write it; nobody writes what follows from something else, such as the age."""
    is_profiling: bool
    """Whether it is unknown to audiences without the member's consent to profiling."""
    removed_at: datetime | None
    """From then on nobody writes it. Null: it is in use."""


class Attributes(msgspec.Struct, frozen=True):
    """All attributes: the standard ones, and then the program's own in the order in which they were made."""

    items: list[AttributeView]
    """The attributes."""


class AttributeController(Controller):
    path = "/v1/attributes"
    tags = ("Attributes",)

    @get(operation_id="listAttributes", summary="What is kept of members: all attributes, the removed ones too")
    async def list_attributes(self, staff: SessionDependency, services: ServicesDependency) -> Attributes:
        async with connect(services.pool) as conn:
            own = await list_attributes(conn, staff.program_id)
        return Attributes([*map(_view, STANDARD_ATTRIBUTES.values()), *map(_view, own.values())])

    @post(operation_id="createAttribute", summary="Keep something more of every member")
    async def create_attribute(
        self, data: JSONBody[NewAttribute], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[AttributeView]:
        """The key of one that was removed brings that one back, with what members have of it, if it is of the same
        kind and has all of its choices.
        """
        _require_choices(data.kind, data.choices)
        if data.key in STANDARD_ATTRIBUTES:
            raise Problem("code-taken", "Choose another key: a standard attribute has this one.")

        async def work(conn: Connection, now: datetime) -> AttributeView:
            return _view(await _create(conn, staff.program_id, data, now))

        return await write(request, services, work, status=201, target=data.key)

    @patch("/{key:str}", operation_id="updateAttribute", summary="Change an attribute's labels, choices or rights")
    async def update_attribute(
        self,
        key: FromPath[str],
        data: JSONBody[AttributeChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[AttributeView]:
        async def work(conn: Connection, _: datetime) -> AttributeView:
            former = await lock_attribute(conn, staff.program_id, key)
            if former is None or former.removed_at is not None:
                raise not_found("attribute")
            changed = _change(former, data)
            await update_attribute(conn, staff.program_id, changed)
            return _view(changed)

        return await write(request, services, work)

    @delete("/{key:str}", operation_id="deleteAttribute", summary="Write an attribute no more", status_code=204)
    async def delete_attribute(
        self, key: FromPath[str], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        """What members have of it stays with them, unseen, until it is cleared or they are erased."""

        async def work(conn: Connection, now: datetime) -> None:
            former = await lock_attribute(conn, staff.program_id, key)
            if former is None or former.removed_at is not None:
                raise not_found("attribute")
            campaigns = await list_campaigns_of_attribute(conn, staff.program_id, key)
            if campaigns:
                raise Problem(
                    "attribute-in-use",
                    "End the campaigns that choose members by it first, or give them another audience.",
                    campaigns=list(campaigns),
                )
            await remove_attribute(conn, staff.program_id, key, now)

        return await write(request, services, work, status=204)


class OwnAttributeController(Controller):
    path = "/v1/me/attributes"
    tags = ("Member",)

    @get(operation_id="listMyAttributes", summary="The attributes that members write themselves, for the app's form")
    async def list_my_attributes(self, device: DeviceDependency, services: ServicesDependency) -> Attributes:
        async with connect(services.pool) as conn:
            own = await list_attributes(conn, device.program_id)
        views = [*map(_view, STANDARD_ATTRIBUTES.values()), *map(_view, own.values())]
        return Attributes([view for view in views if "member" in view.writers and view.removed_at is None])


async def _create(conn: Connection, program_id: ProgramId, data: NewAttribute, now: datetime) -> Attribute:
    new = Attribute(
        key=data.key,
        kind=data.kind,
        label=data.label,
        choices=_to_choices(data.choices),
        writers=frozenset(data.writers),
        is_profiling=data.is_profiling,
        created_at=now,
        removed_at=None,
    )
    if len(await list_attributes(conn, program_id)) >= MAX_ATTRIBUTES:
        raise Problem("invalid-request", f"Use what is there: a program has {MAX_ATTRIBUTES} attributes at most.")
    if await insert_attribute(conn, program_id, new):
        return new
    former = await lock_attribute(conn, program_id, data.key)
    if former is None or former.removed_at is None or former.kind != data.kind:
        raise Problem("code-taken", "Choose another key: this one is, or was, that of another attribute.")
    _require_kept_choices(former, data.choices)
    again = msgspec.structs.replace(new, created_at=former.created_at)
    await update_attribute(conn, program_id, again)
    return again


def _change(former: Attribute, data: AttributeChange) -> Attribute:
    """Raises Problem."""
    changed = former
    if data.label is not UNSET:
        changed = msgspec.structs.replace(changed, label=data.label)
    if data.choices is not UNSET:
        _require_choices(former.kind, data.choices)
        _require_kept_choices(former, data.choices)
        changed = msgspec.structs.replace(changed, choices=_to_choices(data.choices))
    if data.writers is not UNSET:
        changed = msgspec.structs.replace(changed, writers=frozenset(data.writers))
    if data.is_profiling is not UNSET:
        changed = msgspec.structs.replace(changed, is_profiling=data.is_profiling)
    return changed


def _require_choices(kind: AttributeKind, choices: list[ChoiceBody]) -> None:
    if (kind in ("one_of", "many_of")) != bool(choices):
        raise Problem("invalid-request", "Give choices for an attribute of the kind one_of or many_of, and only there.")
    if len({choice.key for choice in choices}) != len(choices):
        raise Problem("invalid-request", "Give each choice a key of its own.")


def _require_kept_choices(former: Attribute, choices: list[ChoiceBody]) -> None:
    missing = former.choice_keys - {choice.key for choice in choices}
    if missing:
        raise Problem("attribute-immutable", f"Name {min(missing)} among the choices too: members may have it already.")


def _to_choices(choices: list[ChoiceBody]) -> list[Choice]:
    return [Choice(choice.key, choice.label) for choice in choices]


def _view(attribute: Attribute | StandardAttribute) -> AttributeView:
    return AttributeView(
        key=attribute.key,
        kind=attribute.kind,
        is_standard=isinstance(attribute, StandardAttribute),
        label=dict(attribute.label),
        choices=list(attribute.choices),
        writers=sorted(attribute.writers),
        is_profiling=attribute.is_profiling,
        removed_at=None if isinstance(attribute, StandardAttribute) else attribute.removed_at,
    )

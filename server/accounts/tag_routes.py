"""Tags that the staff put on members, one member or many at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from ids import MemberId, ProgramId
from kit.database import Connection, connect
from members import tags_repository
from members.tags import MAX_TAG_LENGTH, MAX_TAGS, read_tags
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import find_member_of
from server.web.writes import path_of, write

MAX_LISTED = 1000
TagTexts: TypeAlias = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]],
    msgspec.Meta(max_length=MAX_TAGS, description=f"each of 1 to {MAX_TAG_LENGTH} characters"),
]


class MemberTags(Body, frozen=True, kw_only=True):
    """All the tags of a member."""

    tags: TagTexts
    """The tags, in order: each is kept in one width, without spaces at its ends."""


class MemberTagging(Body, frozen=True, kw_only=True):
    """Tags that many members are to have, or to have no more."""

    member_ids: Annotated[list[MemberId], msgspec.Meta(min_length=1, max_length=1000)]
    """The members; one that is not the program's, was erased or became another member refuses the whole."""
    add: TagTexts = msgspec.field(default_factory=list)
    """These they have afterwards."""
    remove: TagTexts = msgspec.field(default_factory=list)
    """These they have no more afterwards."""


class TaggedMembers(msgspec.Struct, frozen=True):
    """What has changed."""

    changed: int
    """How many of the members have got or lost a tag."""


class TagInUse(msgspec.Struct, frozen=True):
    """A tag that members have."""

    tag: str
    """The tag."""
    members: int
    """How many members have it."""


class TagsInUse(msgspec.Struct, frozen=True):
    """The program's tags."""

    items: list[TagInUse]
    """The most frequent first; 1,000 at most."""


class MemberTagController(Controller):
    path = "/v1/members/{member_id:uuid}/tags"
    tags = ("Members",)

    @get(operation_id="getMemberTags", summary="The tags of a member")
    async def get_member_tags(
        self, member_id: FromPath[MemberId], staff: SessionDependency, services: ServicesDependency
    ) -> MemberTags:
        async with connect(services.pool) as conn:
            await find_member_of(conn, staff, member_id)
            return MemberTags(tags=await tags_repository.list_tags(conn, member_id))

    @put(operation_id="setMemberTags", summary="Say which tags a member has")
    async def set_member_tags(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[MemberTags],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[MemberTags]:
        """The audit trail says who did it and when; it holds no tags."""
        wanted = _read("tags", data.tags)

        async def work(conn: Connection, now: datetime) -> MemberTags:
            await _lock(conn, staff.program_id, [member_id])
            held = await tags_repository.list_tags(conn, member_id)
            await tags_repository.remove_tags(conn, [member_id], [tag for tag in held if tag not in wanted])
            # What stays is whose it was: of a file's tags the next file is the judge.
            new = [tag for tag in wanted if tag not in held]
            await tags_repository.add_tags(conn, staff.program_id, [member_id], new, now)
            return MemberTags(tags=wanted)

        return await write(request, services, work, target=path_of(request))


class TaggingController(Controller):
    path = "/v1/member-tags"
    tags = ("Members",)

    @get(operation_id="listTags", summary="The tags that members have, and how many have each")
    async def list_tags(self, staff: SessionDependency, services: ServicesDependency) -> TagsInUse:
        async with connect(services.pool) as conn:
            counts = await tags_repository.count_tags(conn, staff.program_id, MAX_LISTED)
        return TagsInUse([TagInUse(tag, members) for tag, members in counts.items()])

    @post(
        operation_id="tagMembers",
        summary="Put tags on many members, or take them off",
        status_code=200,
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def tag_members(
        self, data: JSONBody[MemberTagging], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[TaggedMembers]:
        """All or none of the members are changed."""
        added, removed = _read("add", data.add), _read("remove", data.remove)
        if (not added and not removed) or not set(added).isdisjoint(removed):
            raise Problem("invalid-request", "Give tags in add, in remove or in both, none of them in both.")
        member_ids = sorted(set(data.member_ids))

        async def work(conn: Connection, now: datetime) -> TaggedMembers:
            await _lock(conn, staff.program_id, member_ids)
            changed = await tags_repository.remove_tags(conn, member_ids, removed)
            changed |= await tags_repository.add_tags(conn, staff.program_id, member_ids, added, now)
            full = await tags_repository.find_overtagged(conn, member_ids, MAX_TAGS) if added else []
            if full:
                raise Problem(
                    "too-many-tags", f"Take tags off first: a member has {MAX_TAGS} at most.", member_ids=full
                )
            return TaggedMembers(len(changed))

        return await write(request, services, work)


async def _lock(conn: Connection, program_id: ProgramId, member_ids: Sequence[MemberId]) -> None:
    """Raises Problem where one of them cannot be tagged."""
    if len(await tags_repository.lock_taggable(conn, program_id, member_ids)) < len(member_ids):
        raise not_found("member")


def _read(field: str, texts: Sequence[str]) -> list[str]:
    """Raises Problem."""
    try:
        return read_tags(texts)
    except ValueError:
        raise Problem(
            "invalid-request", f"Give in {field} tags of 1 to {MAX_TAG_LENGTH} characters that can be seen."
        ) from None

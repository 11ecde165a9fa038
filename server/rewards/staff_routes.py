"""A member as an owner sees them: how they come, what they spent and gathered; and the points that staff adjust."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from ids import MemberId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import NEWEST, PageRequest
from members.aliases_repository import history_ids
from members.members_repository import has_consented
from points import postings_repository
from points.posting import Balance
from points.ranks import Rank
from programs.staff_repository import Session
from purchases import purchases_repository
from purchases.purchase import SpendTotal
from server.problems import Problem
from server.rewards.adjust import AdjustmentResult, adjust
from server.rewards.member_routes import MemberPoints, MemberStampCard, read_points, read_rank, read_stamps
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import find_member_of
from server.web.writes import write
from visits import behaviour_repository
from visits.behaviour import Behaviour


class MemberSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A member as an owner sees them. How the member behaves is shown only with their consent to profiling."""

    member_id: MemberId
    """The id of the member."""
    joined_at: datetime
    """When they enrolled."""
    may_profile: bool
    """Whether the member has consented to profiling."""
    visits: Behaviour | None
    """How the member comes; null without consent."""
    purchases: SpendTotal | None
    """What the member has bought; null without consent."""
    points: Balance
    """The points."""
    stamps: list[MemberStampCard]
    """The stamp cards."""
    rank: Rank | None
    """The rank; null: none yet, or no consent."""
    rank_valid_until: datetime | None
    """Until when the rank holds if nothing more comes; null: without an end, or no consent."""


class AdjustPointsRequest(Body, frozen=True):
    """Staff add points, or take some away."""

    member_id: MemberId
    """An active member of the program."""
    points: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]
    """Above zero adds, below zero takes away, never more than there is; not 0."""
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    """The member sees it in the history of their points."""


class MemberRecordController(Controller):
    path = "/v1"
    tags = ("Members",)

    @get(
        "/members/{member_id:uuid}/summary",
        operation_id="getMemberSummary",
        summary="A member: visits, purchases, points, stamps, rank",
    )
    async def get_member_summary(
        self, member_id: FromPath[MemberId], staff: SessionDependency, services: ServicesDependency
    ) -> MemberSummary:
        async with connect(services.pool) as conn:
            return await read_summary(conn, staff, member_id, utc_now())

    @get(
        "/members/{member_id:uuid}/points",
        operation_id="getMemberPoints",
        summary="A member's points, with what came and went, newest first",
    )
    async def get_member_points(
        self,
        member_id: FromPath[MemberId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
    ) -> MemberPoints:
        async with connect(services.pool) as conn:
            await find_member_of(conn, staff, member_id)
            return await read_points(conn, member_id, page, utc_now())

    @post(
        "/points/adjustments",
        operation_id="adjustPoints",
        summary="Add points to a member's, or take some away, with a reason",
    )
    async def adjust_points(
        self, data: JSONBody[AdjustPointsRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[AdjustmentResult]:
        if data.points == 0:
            raise Problem("invalid-request", "Give points above or below zero.")

        async def work(conn: Connection, now: datetime) -> AdjustmentResult:
            return await adjust(conn, staff, data.member_id, data.points, data.reason, now)

        return await write(request, services, work, status=201)


async def read_summary(conn: Connection, staff: Session, member_id: MemberId, now: datetime) -> MemberSummary:
    """Raises Problem."""
    member = await find_member_of(conn, staff, member_id)
    points = await postings_repository.read_balance(conn, member_id, now)
    stamps = (await read_stamps(conn, staff.program_id, member_id)).cards
    if not await has_consented(conn, member_id, "profiling"):
        return MemberSummary(
            member_id=member_id,
            joined_at=member.created_at,
            may_profile=False,
            visits=None,
            purchases=None,
            points=points,
            stamps=stamps,
            rank=None,
            rank_valid_until=None,
        )
    rank = await read_rank(conn, staff.program_id, member_id, PageRequest(NEWEST, 1), now)
    members = await history_ids(conn, member_id)
    return MemberSummary(
        member_id=member_id,
        joined_at=member.created_at,
        may_profile=True,
        visits=await behaviour_repository.read_behaviour(conn, members),
        purchases=await purchases_repository.total_spend(conn, members),
        points=points,
        stamps=stamps,
        rank=rank.rank,
        rank_valid_until=rank.valid_until,
    )

"""Why a campaign did or did not fire: asked by the staff for a member, a store, or a member at a store."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, post
from litestar.params import FromPath, JSONBody

from coupons.campaigns.campaign import Campaign
from ids import CampaignId, MemberId, StoreId
from kit.clock import utc_now
from kit.database import Connection, connect
from programs.programs_repository import find_program
from programs.staff_repository import Session
from programs.stores_repository import find_store
from server.campaigns.own_campaigns import find_campaign_of
from server.explanations.explain import Question, explain
from server.explanations.explanation import Explanation
from server.problems import Problem, not_found
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import find_history_of, require_stores

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class ExplanationRequest(Body, frozen=True, kw_only=True):
    """About whom, where and when. Give `member_id`, `store_id` or both."""

    member_id: MemberId | None = None
    """The member. A manager of stores names one of theirs in `store_id` too."""
    store_id: StoreId | None = None
    """The store; without a `member_id` everybody's decisions there are counted."""
    at: datetime | None = None
    """Around which moment. Null: now."""
    hours: Annotated[int, msgspec.Meta(ge=1, le=168)] = 24
    """How many hours before and after it are looked at."""


class ExplanationController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/explain"
    tags = ("Campaigns",)

    @post(operation_id="explainCampaign", summary="Why a campaign did or did not fire, in sentences", status_code=200)
    async def explain_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[ExplanationRequest],
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Explanation:
        """Which rule decided, and what would have to differ. Where there is no decision: what stood in the way. It
        changes nothing.
        """
        now = utc_now()
        async with connect(services.pool) as conn:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            question = await read_question(conn, staff, campaign, data, now)
            program = await find_program(conn, staff.program_id)
            assert program is not None
            zone = ZoneInfo(program.time_zone)
            return await explain(conn, services.keeper.current.stores, question, zone, now)


async def read_question(
    conn: Connection, staff: Session, campaign: Campaign, data: ExplanationRequest, now: datetime
) -> Question:
    """Raises Problem."""
    if data.member_id is None and data.store_id is None:
        raise Problem("invalid-request", "Give member_id, store_id or both: about whom or where you ask.")
    if data.store_id is None and staff.role != "owner":
        raise Problem("forbidden", "Name one of your stores in store_id: only an owner asks about a member everywhere.")
    if data.store_id is not None:
        if await find_store(conn, staff.program_id, data.store_id) is None:
            raise not_found("store")
        require_stores(staff, [data.store_id])
    members = [] if data.member_id is None else await find_history_of(conn, staff, data.member_id)
    at = now if data.at is None else data.at
    if at.tzinfo is None:
        raise Problem("invalid-request", "Give at with its offset from UTC, as in 2026-11-21T09:00:00+09:00.")
    if not _EARLIEST <= at < _LATEST:
        raise Problem("invalid-request", "Give at in the years 2000 to 2999.")
    around = timedelta(hours=data.hours)
    return Question(
        campaign=campaign,
        member_ids=members,
        store_id=data.store_id,
        from_at=at - around,
        to_at=at + around,
        shows_person=staff.role == "owner",
    )

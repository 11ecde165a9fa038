"""What a campaign would have done: asked by the staff before they start it, or of one that runs."""

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Controller, post
from litestar.params import FromPath, JSONBody

from coupons.campaigns.triggers import TRIGGERS, event_of
from ids import CampaignId
from kit.clock import utc_now
from kit.database import connect
from server.campaigns.own_campaigns import find_campaign_of
from server.problems import Problem
from server.rehearsals.past_events import REHEARSED, Window, can_be_rehearsed
from server.rehearsals.question import Question
from server.rehearsals.rehearsal import Rehearsal
from server.rehearsals.rehearse import rehearse
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import scope_of


class RehearsalRequest(Body, frozen=True, kw_only=True):
    """Over which time."""

    days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30
    """How many days back from now are gone through."""


class RehearsalController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/rehearse"
    tags = ("Campaigns",)

    @post(operation_id="rehearseCampaign", summary="What a campaign would have done in the last days", status_code=200)
    async def rehearse_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[RehearsalRequest],
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Rehearsal:
        """Of a campaign in any state: as if it had run for the whole time and had issued nothing before, over what
        really happened to members. It writes nothing. Where there are many members it takes some 10 s and answers from
        a sample. A manager of stores is told what happened at theirs.
        """
        async with connect(services.pool) as conn:
            campaign = await find_campaign_of(conn, staff, campaign_id)
        if not can_be_rehearsed(campaign):
            raise Problem(
                "campaign-not-rehearsable",
                f"Try the campaign on a few members instead: nothing is kept to rehearse the trigger"
                f" {campaign.trigger.kind!r} with. Rehearse campaigns of {', '.join(sorted(REHEARSED))}.",
            )
        scope = scope_of(staff)
        if scope is not None and not TRIGGERS[event_of(campaign.trigger.kind)].needs_store:
            raise Problem("forbidden", "Ask an owner: what happens at no store is rehearsed for all members.")
        now = utc_now()
        question = Question(
            campaign=campaign,
            window=Window(now - timedelta(days=data.days), now),
            store_ids=None if scope is None else frozenset(scope),
        )
        return await rehearse(services.pool, services.keeper.current, question)

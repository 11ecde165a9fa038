"""`rehearse_own`: a campaign of somebody of the staff over the last days, as far as they may be told."""

from datetime import timedelta

from coupons.campaigns.triggers import TRIGGERS, event_of
from ids import CampaignId
from kit.clock import utc_now
from kit.database import connect
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of
from server.problems import Problem
from server.rehearsals.past_events import REHEARSED, Window, can_be_rehearsed
from server.rehearsals.question import Question
from server.rehearsals.rehearsal import Rehearsal
from server.rehearsals.rehearse import rehearse
from server.web.scoping import scope_of
from server.web.services import Services


async def rehearse_own(services: Services, staff: Session, campaign_id: CampaignId, days: int) -> Rehearsal:
    """Raises Problem."""
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
        window=Window(now - timedelta(days=days), now),
        store_ids=None if scope is None else frozenset(scope),
    )
    return await rehearse(services.pool, services.keeper.current, question)

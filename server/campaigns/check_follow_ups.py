"""Whether a campaign's follow-up steps can be carried out, as the staff write them; their words: check_messages."""

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import FollowUp
from coupons.campaigns.campaigns_repository import find_campaign
from coupons.campaigns.follow_ups import FollowUpStep, GiveOffer, find_late_reminder, find_loop, offered_by
from coupons.campaigns.follow_ups_repository import list_steps
from ids import CampaignId
from kit.database import Connection
from server.problems import Problem


async def check_follow_ups(conn: Connection, campaign: Campaign) -> None:
    """The caller holds the program's campaign version. Raises Problem, which names the field."""
    steps = campaign.follow_ups
    late = find_late_reminder(steps, campaign.coupon_validity)
    if late is not None:
        raise _invalid(
            f"Give follow_ups[{late}] and those before it shorter waits (after_hours), or let the coupon be good for"
            " longer: this reminder comes when the coupon cannot be used any more."
        )
    others = await list_steps(conn, campaign.program_id)
    others.pop(campaign.id, None)
    if not isinstance(campaign.trigger, FollowUp):
        offering = sorted(name for name, of_other in others.values() if campaign.id in offered_by(of_other))
        if offering:
            raise _invalid(f"Leave trigger as follow_up: the campaign {offering[0]!r} offers this one in follow_ups.")
    for place, step in enumerate(steps):
        await _check_offer(conn, campaign, place, step)
    offers = {each: offered_by(of_other) for each, (_, of_other) in others.items()}
    loop = find_loop(campaign.id, offers | {campaign.id: offered_by(steps)})
    if loop is not None:
        place = _place_of(steps, loop[1])
        raise _invalid(
            f"Offer another campaign in follow_ups[{place}].action.campaign_id: by way of this one the campaign would"
            " come after itself again and again."
        )


async def _check_offer(conn: Connection, campaign: Campaign, place: int, step: FollowUpStep) -> None:
    if not isinstance(step.action, GiveOffer) or step.action.campaign_id == campaign.id:  # that is a loop
        return
    field = f"follow_ups[{place}].action.campaign_id"
    other = await find_campaign(conn, campaign.program_id, step.action.campaign_id)
    if other is None:
        raise _invalid(f"Name in {field} a campaign of your program.")
    if not isinstance(other.trigger, FollowUp):
        raise _invalid(f"Name in {field} a campaign of the trigger follow_up: {other.name!r} answers something else.")
    if other.state == "ended":
        raise _invalid(f"Name in {field} a campaign that has not ended.")


def _place_of(steps: tuple[FollowUpStep, ...], offered: CampaignId) -> int:
    return next(place for place, step in enumerate(steps) if offered in offered_by([step]))


def _invalid(detail: str) -> Problem:
    return Problem("invalid-request", detail)

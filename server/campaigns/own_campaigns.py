"""A campaign of the signed-in member of the staff: which they see, and which they may change."""

from collections.abc import Callable

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign
from ids import CampaignId
from kit.database import Connection
from programs.staff_repository import Session
from server.problems import Problem, not_found
from server.web.scoping import require_stores, scope_of


async def find_campaign_of(conn: Connection, staff: Session, campaign_id: CampaignId) -> Campaign:
    """A store manager finds the campaigns that cover one of their stores. Raises Problem."""
    campaign = await campaigns_repository.find_campaign(conn, staff.program_id, campaign_id)
    scope = scope_of(staff)
    if campaign is None or not (scope is None or campaign.store_ids is None or campaign.store_ids & set(scope)):
        raise not_found("campaign")
    return campaign


def require_own(staff: Session, campaign: Campaign) -> None:
    """Raises Problem where a store manager would change what is for other stores too."""
    if not staff.has_all_stores and campaign.store_ids is None:
        raise Problem("forbidden", "Ask an owner to change this campaign: it is for every store of the program.")
    if not staff.has_all_stores and campaign.store_groups:
        raise Problem("forbidden", "Ask an owner to change this campaign: it is for groups of stores.")
    require_stores(staff, campaign.store_ids or ())


def require_changeable(staff: Session, campaign: Campaign) -> None:
    """Raises Problem for one that is not theirs, or has ended."""
    require_own(staff, campaign)
    if campaign.state == "ended":
        raise Problem("campaign-ended", "Write a new campaign: this one has ended and stays as it was.")


def passes(check: Callable[[Session, Campaign], None], staff: Session, campaign: Campaign) -> bool:
    """Whether that check, one of the two above, lets the campaign pass."""
    try:
        check(staff, campaign)
    except Problem:
        return False
    return True

"""A campaign is changed: a new version of it, which what it issues from now on keeps."""

from datetime import datetime

import msgspec

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign, choose_state
from kit.database import Connection
from programs.staff_repository import Session
from server.campaigns.change_bodies import CampaignReplacement, request_of
from server.campaigns.change_caps import change_caps
from server.campaigns.check_campaign import check_campaign
from server.campaigns.own_campaigns import require_changeable
from server.messages.offers_of_variants import require_fitting_variants
from server.problems import Problem


async def change_campaign(
    conn: Connection, staff: Session, old: Campaign, data: CampaignReplacement, now: datetime, version: int
) -> Campaign:
    """The campaign as it is then: the old one where nothing changes. Raises Problem.

    `version` is the program's campaign version, whose holder is the only one who changes campaigns now.
    """
    require_changeable(staff, old)
    if data.version not in (None, old.version):
        raise Problem(
            "campaign-changed",
            f"Read the campaign again, and make your change of version {old.version}.",
            version=old.version,
        )
    campaign = _stopped(old, data) or await check_campaign(conn, staff, data, old.id, old.created_at)
    campaign = msgspec.structs.replace(campaign, picture_name=old.picture_name, version=old.version)
    if campaign == old:
        return old
    await require_fitting_variants(conn, campaign)
    await change_caps(conn, old, campaign)
    campaign = msgspec.structs.replace(campaign, version=old.version + 1)
    await campaigns_repository.update_campaign(conn, campaign, version, now, staff.staff_id)
    return campaign


def _stopped(old: Campaign, data: CampaignReplacement) -> Campaign | None:
    """The campaign, where all that is changed is that it issues no more: that is never refused, whatever has become of
    the stores, ranks and stamp cards that it names.
    """
    state = choose_state(data.state)
    as_it_was = msgspec.structs.asdict(request_of(old)) | {"state": data.state, "version": data.version}
    if state == "running" or msgspec.structs.asdict(data) != as_it_was:
        return None
    return msgspec.structs.replace(old, state=state)

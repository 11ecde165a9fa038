"""What the API takes of changes to a campaign, and answers of its versions."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from coupons.campaigns import campaign as campaigns
from ids import StaffId
from server.campaigns.bodies import CampaignRequest, view_campaign

# Of these one is given at most: who gives one takes the others away.
_VALIDITIES = ("coupon_valid_s", "coupon_valid_days", "coupon_valid_until")


class CampaignReplacement(CampaignRequest, frozen=True, kw_only=True):
    """A campaign as it is to be from now on. What is left out gets its default."""

    version: int | None = None
    """The version that you have read and mean to change. Where the campaign has another one by now, nothing changes.
    Null: whatever it says now is changed."""


if TYPE_CHECKING:

    class CampaignChanges(CampaignReplacement, frozen=True, kw_only=True):
        pass
else:
    CampaignChanges = msgspec.defstruct(
        "CampaignChanges",
        [
            (name, type_ | UnsetType, UNSET)
            for name, type_ in get_type_hints(CampaignReplacement, include_extras=True).items()
        ],
        bases=(CampaignReplacement,),
        module=__name__,
        namespace={"__doc__": "What is to be another at a campaign. What is left out stays; null clears where it can."},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


class CampaignVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it was from one change to the next."""

    version: int
    """Its number: 1 is the first."""
    changed_at: datetime
    """When it was written."""
    changed_by: StaffId | None
    """Who of the staff wrote it. Null: nobody of them."""
    campaign: CampaignRequest
    """What it said, with the `state` that the staff had chosen."""


def request_of(campaign: campaigns.Campaign) -> CampaignRequest:
    """The body that describes the campaign."""
    view = view_campaign(campaign, None, campaign.starts_at)
    fields = {name: getattr(view, name) for name in CampaignRequest.__struct_fields__}
    return CampaignRequest(**fields | {"state": campaign.state})


def apply_changes(campaign: campaigns.Campaign, changes: CampaignChanges) -> CampaignReplacement:
    """The body that describes the campaign as it is to be."""
    given: dict[str, Any] = {
        name: value for name in changes.__struct_fields__ if (value := getattr(changes, name)) is not UNSET
    }
    fields = msgspec.structs.asdict(request_of(campaign))
    if any(given.get(name) is not None for name in _VALIDITIES):
        fields |= dict.fromkeys(_VALIDITIES)
    if "audience_id" in given:
        fields["audience_version"] = None
    return CampaignReplacement(**fields | given)


def view_version(version: campaigns.CampaignVersion) -> CampaignVersion:
    return CampaignVersion(
        version=version.campaign.version,
        changed_at=version.changed_at,
        changed_by=version.changed_by,
        campaign=request_of(version.campaign),
    )

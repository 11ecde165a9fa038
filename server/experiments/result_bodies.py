"""What came of a campaign, arm by arm, as the API answers it."""

from datetime import datetime

import msgspec

from ids import CampaignId


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What the arm brought against the control, a member. Where 0 lies between two bounds, it may be chance."""

    difference: float
    """The mean of the arm less that of the control, with what the members did before taken into account."""
    low: float
    """The lower 95 % bound of the difference, for one look at a time that was chosen beforehand."""
    high: float
    """The upper one."""
    always_low: float
    """The lower 95 % bound that holds however often and whenever one looks: wait for it before you end early."""
    always_high: float
    """The upper one."""
    lift_percent: float | None
    """The difference in per cent of the control's mean. Null: that is 0."""
    lift_low_percent: float | None
    """The lower 95 % bound of the lift, for one look."""
    lift_high_percent: float | None
    """The upper one."""
    variance_left: float
    """How much of the variance is left once what the members did before is taken into account (CUPED): 0.6 needs six
    tenths of the members that it would need without."""


class ArmResult(msgspec.Struct, frozen=True, kw_only=True):
    """One arm: a variant by its code, `campaign` (as it is), `holdout` or `program_holdout`. Counts are of members."""

    arm: str
    """Which it is."""
    assigned: int
    """How many were eligible and fell into it. They all count, whatever became of them."""
    issued: int
    """How many of them had a coupon of the campaign."""
    delivered: int
    """To how many a message about one was handed over."""
    displayed: int
    """To how many one was shown, as far as their phones told."""
    opened: int
    """How many opened one, of those who consent to profiling."""
    redeemed: int
    """How many used one at a till."""
    measured: int
    """How many were eligible so long ago that their days are over. The following is about them."""
    visits_mean: float | None
    """Visits a member in those days. Null: nobody's are over."""
    sales_mean: float | None
    """What a member bought in those days, less what came back, in minor units of the currency."""
    visits: Change | None
    """The change of visits. Null: this is the control, or there are fewer than 50 members in one of the two."""
    sales: Change | None
    """The change of sales, in minor units of the currency. Null: as of `visits`."""


class SampleRatio(msgspec.Struct, frozen=True):
    """Whether the arms are as large as their shares say."""

    p_value: float
    """How likely chance alone makes them differ so much, by a chi-square test."""
    is_suspicious: bool
    """Below 0.001: somebody is lost or added on the way, and no other figure can be trusted."""


class CampaignResults(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a campaign."""

    campaign_id: CampaignId
    """The campaign."""
    days: int
    """How many days from when a member was first eligible are looked at."""
    until: datetime
    """What was known by then: now, or when the experiment ended."""
    control: str | None
    """The arm that the others are compared with: `holdout`, else `program_holdout`, else the first variant. Null:
    nobody was assigned yet."""
    sample_ratio: SampleRatio | None
    """Null: too few were assigned to tell."""
    arms: list[ArmResult]
    """The control first."""

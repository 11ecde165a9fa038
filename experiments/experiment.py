"""What is tried of a campaign, on whom, and since when. Values only.

An arm is what a member was assigned to: a variant by its code, the campaign as it is (`CAMPAIGN`) where there are no
variants, or one of the two holdouts, who get nothing.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from experiments.allocation import Allocation
from ids import CampaignId, MemberId, ProgramId

CAMPAIGN = "campaign"
HOLDOUT = "holdout"
PROGRAM_HOLDOUT = "program_holdout"
HELD_OUT = frozenset({HOLDOUT, PROGRAM_HOLDOUT})
# What no variant may be called.
RESERVED_CODES = frozenset({CAMPAIGN, *HELD_OUT})


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """`offer`, `benefit`: in place of the campaign's, as JSON (coupons.offers, coupons.redemptions.benefits), or None.

    `offer_version`: the row of `variant_offers` that its coupons refer to; None: none.
    """

    code: str
    share: int
    offer: str | None = None
    benefit: str | None = None
    offer_version: int | None = None


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """`version` counts from 1 and grows with every change of the shares. `ended_at` None: it runs.

    `variants` are in their order; without one the campaign is tried as it is.
    """

    campaign_id: CampaignId
    program_id: ProgramId
    version: int
    salt: bytes
    holdout_percent: int
    allocation: Allocation
    variants: tuple[Variant, ...]
    started_at: datetime
    ended_at: datetime | None = None

    def variant_of(self, arm: str) -> Variant | None:
        return next((each for each in self.variants if each.code == arm), None)


class ProgramHoldout(msgspec.Struct, frozen=True, kw_only=True):
    """Members who get nothing of any campaign. `ended_at`: since when nobody is held out; None: somebody is."""

    program_id: ProgramId
    percent: int
    salt: bytes
    ended_at: datetime | None = None


class ProgramExperiments(msgspec.Struct, frozen=True):
    """What a process knows of a program: the holdout, if somebody is held out, and the experiments that run."""

    holdout: ProgramHoldout | None
    running: Mapping[CampaignId, Experiment]


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """Written when the member was first eligible, and never changed.

    `version`: the experiment's; 0 where the campaign had none. `program_percent`: how many were held out of everything.
    """

    member_id: MemberId
    campaign_id: CampaignId
    program_id: ProgramId
    version: int
    program_percent: int
    arm: str
    first_eligible_at: datetime

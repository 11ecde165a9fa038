"""What caps a campaign's coupons, and how large the parts are in which a budget is given out. Pure.

A coupon takes a place of each budget that it counts to, or of none. A budget's id follows from what it caps: every
process knows it, and all take their locks in the order of these ids.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from coupons.campaigns.campaign import Campaign
from ids import BudgetId, CampaignId, StoreId

# Which of a campaign's caps a budget is of.
CapKind = Literal["campaign", "day", "store", "store_day"]

# How many transactions at once find a part of their own, while much is left; and the largest part.
_PARTS = 16
_MAX_SLICE = 10_000


class Budget(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """`store_id` None: over all stores. `day` None: over all days; a business day of the store otherwise.

    Their order is that of all locks.
    """

    id: BudgetId
    campaign_id: CampaignId
    store_id: StoreId | None
    day: date | None


def budgets_of(campaign: Campaign, store_id: StoreId | None, day: date) -> tuple[Budget, ...]:
    """Those that a coupon of the campaign takes a place of: earned at that store (or none), on that business day."""
    if campaign.cap is campaign.store_cap is campaign.day_cap is campaign.store_day_cap is None:  # as of most
        return ()
    caps: list[tuple[int | None, StoreId | None, date | None]]
    caps = [(campaign.cap, None, None), (campaign.day_cap, None, day)]
    if store_id is not None:
        caps += [(campaign.store_cap, store_id, None), (campaign.store_day_cap, store_id, day)]
    return tuple(sorted(budget_of(campaign.id, store, each_day) for cap, store, each_day in caps if cap is not None))


@lru_cache(maxsize=10_000)
def budget_of(campaign_id: CampaignId, store_id: StoreId | None, day: date | None) -> Budget:
    name = f"{store_id or ''}/{day or ''}"
    return Budget(BudgetId(uuid5(UUID(int=campaign_id.int), name)), campaign_id, store_id, day)


def kind_of(budget: Budget) -> CapKind:
    if budget.store_id is None:
        return "campaign" if budget.day is None else "day"
    return "store" if budget.day is None else "store_day"


def cap_of(campaign: Campaign, budget: Budget) -> int:
    """`budget`: one that the campaign has (`budgets_of`)."""
    caps: Mapping[CapKind, int | None] = {
        "campaign": campaign.cap,
        "day": campaign.day_cap,
        "store": campaign.store_cap,
        "store_day": campaign.store_day_cap,
    }
    cap = caps[kind_of(budget)]
    assert cap is not None, budget
    return cap


def slice_size(unallotted: int, wanted: int) -> int:
    """How many places to give out at once to a transaction that wants so many: fewer as the cap comes near.

    Large parts are asked for seldom; small ones leave something for everybody who comes at the same time.
    """
    return min(unallotted, max(wanted, min(unallotted // _PARTS, _MAX_SLICE)))

"""What is asked of a rehearsal. Values only."""

import msgspec

from coupons.campaigns.campaign import Campaign
from ids import StoreId
from server.rehearsals.past_events import Window


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`store_ids`: only what happened at these is told; None: everything."""

    campaign: Campaign
    window: Window
    store_ids: frozenset[StoreId] | None = None

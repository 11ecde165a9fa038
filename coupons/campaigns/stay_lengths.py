"""How long a stay must be for some campaign of a program to answer it, by store. Pure."""

from collections.abc import Sequence

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import Stay
from ids import StoreId


class StayLengths:
    """Of a program's campaigns, looked through once a store."""

    def __init__(self, asking: Sequence[tuple[int, Campaign]]) -> None:
        self._asking = asking
        self._of_store: dict[StoreId, Sequence[int]] = {}

    def at_store(self, store_id: StoreId) -> Sequence[int]:
        """In minutes, the shortest first, each once."""
        found = self._of_store.get(store_id)
        if found is None:
            here = {
                minutes
                for minutes, campaign in self._asking
                if campaign.store_ids is None or store_id in campaign.store_ids
            }
            found = self._of_store[store_id] = tuple(sorted(here))
        return found


def find_stay_lengths(campaigns: Sequence[Campaign]) -> StayLengths | None:
    """None where no campaign asks for a length: then a stay is asked for none."""
    asking = [(each.trigger.minutes, each) for each in campaigns if isinstance(each.trigger, Stay)]
    return StayLengths(asking) if asking else None

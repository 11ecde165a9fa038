"""What the variants of a campaign give: their own words or benefit, and all else as the campaign does."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.offers import Offer, read_offer
from coupons.redemptions.benefits import Benefit, FreeItem, ItemPrice
from experiments import experiments_repository
from experiments.experiment import Variant
from kit.database import Connection
from server.messages.check_messages import check_messages
from server.problems import Problem

_BENEFIT: msgspec.json.Decoder[Benefit] = msgspec.json.Decoder(Benefit)
_read_offer = lru_cache(maxsize=1000)(read_offer)


def offer_of(campaign: Campaign, variant: Variant | None) -> Offer:
    """The words of the variant, or the campaign's where it has none of its own."""
    return campaign.offer if variant is None or variant.offer is None else _read_offer(variant.offer)


def benefit_of(variant: Variant) -> Benefit | None:
    """None: the campaign's."""
    return None if variant.benefit is None else _BENEFIT.decode(variant.benefit)


def require_items(campaign: Campaign, variants: Iterable[Variant]) -> None:
    """Raises Problem where a variant takes off items that the campaign's conditions do not name."""
    if campaign.grant.conditions.holds_for_some:
        return
    for each in variants:
        if isinstance(benefit_of(each), FreeItem | ItemPrice):
            raise Problem(
                "invalid-request",
                "Name in the campaign's conditions.item_codes or conditions.categories which items the benefit of its"
                f" variant {each.code!r} is for.",
            )


async def require_fitting_variants(conn: Connection, campaign: Campaign) -> None:
    """As `require_items` and `check_messages`, of a campaign that is to be changed to this."""
    experiment = await experiments_repository.find_experiment(conn, campaign.id)
    if experiment is not None and experiment.ended_at is None:
        require_items(campaign, experiment.variants)
        await check_messages(conn, campaign, experiment.variants)

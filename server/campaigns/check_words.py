"""Whether all that stands in braces in a campaign's words, or in those of its variants, can be filled."""

from collections.abc import Iterable

from coupons.campaigns import Campaign
from coupons.offers import Offer, read_offer
from coupons.placeholders import find_unfilled
from coupons.triggers import TRIGGERS, TriggerKind
from experiments.experiment import Variant
from server.problems import Problem


def require_filled(offer: Offer, trigger: TriggerKind, field: str) -> None:
    """`field`: where the body has the offer. Raises Problem, which names it."""
    for locale, text in offer.items():
        unfilled = find_unfilled(text, trigger)
        if unfilled is not None:
            part, placeholder = unfilled
            known = (
                "only {store} is filled, written like that"
                if TRIGGERS[trigger].needs_store
                else f"with the trigger {trigger} a coupon is earned at no store, so nothing fills it"
            )
            raise Problem("invalid-request", f"Leave {placeholder} out of {field}.{locale}.{part}: {known}.")


def require_filled_variants(campaign: Campaign, variants: Iterable[Variant]) -> None:
    """Raises Problem, which names the variant."""
    for each in variants:
        if each.offer is not None:
            require_filled(read_offer(each.offer), campaign.trigger.kind, f"variants[{each.code}].offer")

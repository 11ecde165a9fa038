"""What stands in braces in an offer's words: filled where the trigger has a store, named where nothing fills it."""

import pytest

from coupons.offers import OfferText
from coupons.placeholders import find_unfilled
from coupons.triggers import TriggerKind


@pytest.mark.parametrize(
    ("trigger", "text", "found"),
    [
        ("enter", OfferText("Welcome to {store}", "{store}{store}", "at {store}"), None),
        ("stamps", OfferText("{store}", "b"), None),
        ("birthday", OfferText("Happy birthday", "no braces {}, {1}, {笑}"), None),
        ("birthday", OfferText("At {store}", "b"), ("title", "{store}")),
        ("code", OfferText("a", "at {store}"), ("body", "{store}")),
        ("broadcast", OfferText("a", "b", "only at {store}"), ("terms", "{store}")),
        ("enter", OfferText("{store}", "Dear {name}"), ("body", "{name}")),
        ("enter", OfferText("{Store}", "b"), ("title", "{Store}")),
        ("enter", OfferText("{ store }", "b"), ("title", "{ store }")),
        ("enter", OfferText("\uff5bstore\uff5dへ", "b"), ("title", "\uff5bstore\uff5d")),
        ("visit", OfferText("{member.name}", "b"), ("title", "{member.name}")),
    ],
)
def test_what_is_left_open_is_named(trigger: TriggerKind, text: OfferText, found: tuple[str, str] | None) -> None:
    assert find_unfilled(text, trigger) == found

"""What stands in braces in a campaign's words, and whether anything fills it. Pure.

`{store}` is the name of the store where the coupon was earned, so only a trigger whose events have one can fill it.
What is not filled would be read by the shopper, braces and all, or be a gap in the sentence.
"""

import re

from coupons.offers import OfferText
from coupons.triggers import TRIGGERS, TriggerKind

# A Japanese keyboard writes the wide ones; a name with spaces beside it is meant as one too.
_PLACEHOLDER = re.compile(r"[{\uff5b]\s*[A-Za-z_][A-Za-z0-9_.]*\s*[}\uff5d]")


def find_unfilled(text: OfferText, trigger: TriggerKind) -> tuple[str, str] | None:
    """The part of the text (`title`, `body`, `terms`) and the placeholder in it that a coupon of this trigger leaves
    open. None: there is none.
    """
    filled = {"{store}"} if TRIGGERS[trigger].needs_store else set()
    for part, words in (("title", text.title), ("body", text.body), ("terms", text.terms or "")):
        open_ones = [found for found in _PLACEHOLDER.findall(words) if found not in filled]
        if open_ones:
            return part, open_ones[0]
    return None

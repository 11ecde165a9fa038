"""The views of the card's page, in the order in which they stand in it. Pure.

A view is a template `card/views/NAME.html`, a module `noren/card/views/NAME`, and its words.
"""

from collections.abc import Sequence

import msgspec

from server.faces.words import Words


class Tab(msgspec.Struct, frozen=True):
    """A link at the foot of the screen. `views`: those that it stands for; it leads to the first."""

    word: str
    views: tuple[str, ...]


VIEWS: Sequence[str] = (
    "join", "lost", "home", "coupons", "coupon", "points", "stores",
    "me", "contacts", "wallet", "check-in", "choices", "profile", "devices", "data", "erased",
)  # fmt: skip
TABS: Sequence[Tab] = (
    Tab("tab_home", ("home",)),
    Tab("coupons", ("coupons", "coupon")),
    Tab("points", ("points",)),
    Tab("stores", ("stores",)),
    Tab("tab_me", ("me", "contacts", "wallet", "check-in", "choices", "profile", "devices", "data")),
)
# Loaded only when somebody asks for notifications: too large to be kept by everybody.
ON_DEMAND = "@firebase/"
# Loaded with the page itself: what a newcomer's tap needs.
EAGER: Sequence[str] = (
    "noren/shared/database",
    "noren/shared/trusted_types",
    "noren/card/app",
    "noren/card/clock",
    "noren/card/store",
    "idb",
    "noren/card/membership",
    "noren/card/api",
    "noren/card/words",
    "noren/card/key",
    "noren/card/code",
    "noren/card/views/join",
)
# Loaded beside it, after the others: what shows the card.
NEXT: Sequence[str] = (
    "noren/card/views/home",
    "noren/card/rotating",
    "noren/card/draw",
    "qr",
    "noren/card/answers",
    "noren/card/views/coupons",
    "noren/card/views/points",
    "noren/card/lists",
    "noren/card/validity",
)


def join_words(*parts: Words) -> Words:
    return {name: texts for part in parts for name, texts in part.items()}

"""The kinds of callers, and the sets of them that routes and pages are open to. Pure."""

from typing import Literal

Role = Literal[
    "anyone", "owner", "store_manager", "marketer", "analyst", "till", "device", "device_in_batch", "merged_device",
    "blocked_device", "operator", "apple_pass",
]  # fmt: skip

ANYONE: frozenset[Role] = frozenset({"anyone"})
OWNER: frozenset[Role] = frozenset({"owner"})
STAFF: frozenset[Role] = frozenset({"owner", "store_manager", "marketer", "analyst"})
# Who works in stores, who makes campaigns, who makes them for the whole program (docs/decisions/0101).
STORE_STAFF: frozenset[Role] = frozenset({"owner", "store_manager"})
CAMPAIGN_STAFF: frozenset[Role] = frozenset({"owner", "store_manager", "marketer"})
PLANNERS: frozenset[Role] = frozenset({"owner", "marketer"})
# The rules of the whole program: they say nothing of a person. And what says something of one, without who it is.
RULE_READERS: frozenset[Role] = frozenset({"owner", "marketer", "analyst"})
NAMELESS_READERS: frozenset[Role] = frozenset({"owner", "analyst"})
TILL: frozenset[Role] = frozenset({"till"})
DEVICE: frozenset[Role] = frozenset({"device"})
# The flow itself checks the token (the device's or a locate token), in the batch's own read of the presences: no
# look-up a request (DESIGN 3.8).
DEVICE_IN_BATCH: frozenset[Role] = frozenset({"device_in_batch"})
# The answer that gives a phone its new token may get lost, and by then the one that it has is dead. With that one it
# still gets this answer, for as long as the Idempotency-Key's record lasts, and nothing else.
CONFIRMING: frozenset[Role] = frozenset({"device", "merged_device"})
# Whoever shows the token that is in the pass of the path: a phone's wallet.
APPLE_PASS: frozenset[Role] = frozenset({"apple_pass"})
# A blocked member's data is theirs too.
OWN_DATA: frozenset[Role] = frozenset({"device", "blocked_device"})
# A scraper that shows NOREN_METRICS_TOKEN; without that setting, one on the same machine.
OPERATOR: frozenset[Role] = frozenset({"operator"})

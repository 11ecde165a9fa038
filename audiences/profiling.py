"""Which conditions weigh a person up, and are unknown of whoever has not consented to profiling. Pure."""

from audiences import tree as t
from audiences.attributes import Definitions

# How somebody comes and buys, and how old they are. What they hold (points, stamps, coupons), what they agreed to, and
# where they joined is what the program needs to serve them.
_PROFILING = (t.AgeIs, t.VisitCount, t.LastVisit, t.VisitCycle, t.PurchaseTotal, t.LastPurchase, t.RankIs, t.TagIs)


def is_profiling(leaf: t.Leaf, definitions: Definitions) -> bool:
    if isinstance(leaf, t.AttributeIs):
        definition = definitions.get(leaf.key)
        return definition is not None and definition.is_profiling
    return isinstance(leaf, _PROFILING)

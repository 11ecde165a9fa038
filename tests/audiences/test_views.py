"""What is read for several audiences is what each of them needs."""

from audiences import tree as t
from audiences.views import join_needs, needs_of
from ids import CampaignId
from kit.ids import new_id

TREES: list[t.Tree] = [
    t.AllOf(of=[t.AgeIs(at_least=20), t.CouponHeld(state="usable")]),
    t.CouponHeld(state="used", campaign_id=CampaignId(new_id())),
    t.AnyOf(of=[t.ReachableBy(by="push"), t.StampsHeld(card="ten", at_least=1)]),
    t.VisitCount(at_least=1, within_days=30),
    t.AllOf(of=[t.VisitCount(at_least=1, within_days=90), t.PurchaseTotal(measure="count", at_least=1, within_days=7)]),
    t.InArea(center=[139.7, 35.6], radius_m=500),
    t.VisitCount(at_least=3),
    t.AllOf(of=[t.TagIs(is_one_of=["monitor"]), t.PurchaseTotal(measure="count", at_least=1, item_codes=["tea"])]),
]


def test_needs_of_several_are_joined() -> None:
    assert join_needs(needs_of([tree]) for tree in TREES) == needs_of(TREES)
    assert join_needs(needs_of([tree]) for tree in reversed(TREES)) == needs_of(TREES)
    assert join_needs([]) == needs_of([])

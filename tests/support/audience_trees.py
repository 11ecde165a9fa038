"""Audiences' trees of any kind, for Hypothesis."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from hypothesis import strategies as st

from audiences import tree as t
from ids import CampaignId, StoreId
from members.consent import ConsentPurpose

STORES = [StoreId(UUID(int=n + 1)) for n in range(3)]
CHANNELS: Sequence[Literal["push", "email", "line", "sms", "voice"]] = ("push", "email", "line", "sms", "voice")
CAMPAIGNS = [CampaignId(UUID(int=n + 101)) for n in range(3)]


def some_range(low: int, high: int, names: tuple[str, str] = ("at_least", "at_most")) -> st.SearchStrategy[Any]:
    bounds = st.tuples(st.none() | st.integers(low, high), st.none() | st.integers(low, high))
    return bounds.filter(lambda both: both != (None, None)).map(lambda both: dict(zip(names, both, strict=True)))


DAYS = ("at_least_days", "at_most_days")
some_stores = st.none() | st.lists(st.sampled_from(STORES), min_size=1, max_size=2)
some_window = st.none() | st.sampled_from([1, 2, 7, 30, 400])


def some_attribute() -> st.SearchStrategy[t.AttributeIs]:
    return st.one_of(
        st.sampled_from(["female", "male"]).map(lambda word: t.AttributeIs(key="gender", is_one_of=[word])),
        st.sampled_from(["Kyoto", "K", "Nara"]).map(lambda word: t.AttributeIs(key="city", starts_with=word)),
        st.just(t.AttributeIs(key="city", is_one_of=["Kobe", "Nara"])),
        st.just(t.AttributeIs(key="prefecture", is_one_of=["1", "3"])),
        st.just(t.AttributeIs(key="locale", is_one_of=["en"])),
        some_range(0, 10).map(lambda both: t.AttributeIs(key="size", **both)),
        st.integers(0, 9).map(lambda n: t.AttributeIs(key="since", from_day=date(2026, 1, 1) + timedelta(days=n))),
        st.booleans().map(lambda each: t.AttributeIs(key="vegan", is_yes=each)),
        st.sampled_from([["tea"], ["tea", "coffee"]]).map(lambda words: t.AttributeIs(key="likes", is_one_of=words)),
        st.just(t.AttributeIs(key="no such", is_yes=True)),
    )


def some_leaf() -> st.SearchStrategy[t.Leaf]:
    def counted(kind: type, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = st.fixed_dictionaries({"store_ids": some_stores, "within_days": some_window, **more})
        return st.tuples(some_range(0, 6), parts).map(lambda both: kind(**both[0], **both[1]))

    spent = st.builds(
        lambda amount, parts: t.PurchaseTotal(measure="amount", at_least=amount, **parts),
        st.integers(0, 4000),
        st.fixed_dictionaries({"store_ids": some_stores, "within_days": some_window}),
    )
    return st.one_of(
        some_attribute(),
        some_range(20, 60).map(lambda both: t.AgeIs(**both)),
        st.integers(0, 366).map(lambda days: t.BirthdayIn(at_most_days=days)),
        st.just(t.BirthdayIn(at_least_days=1, at_most_days=3)),
        counted(t.VisitCount),
        some_range(0, 40, DAYS).map(lambda both: t.LastVisit(**both)),
        some_range(0, 40, DAYS).map(lambda both: t.VisitCycle(**both)),
        counted(t.PurchaseTotal, measure=st.just("count")),
        spent,
        some_articles(),
        some_range(0, 40, DAYS).map(lambda both: t.LastPurchase(**both)),
        some_range(0, 100).map(lambda both: t.PointsHeld(**both)),
        st.just(t.RankIs(is_one_of=["gold"])),
        st.sampled_from([["monitor"], ["monitor", "press"]]).map(lambda tags: t.TagIs(is_one_of=tags)),
        st.tuples(some_range(0, 6), st.sampled_from([None, "coffee", "no such"])).map(
            lambda both: t.StampsHeld(card=both[1], **both[0])
        ),
        st.builds(
            lambda state, campaign: t.CouponHeld(state=state, campaign_id=campaign),
            st.sampled_from(["issued", "usable", "used"]),
            st.none() | st.sampled_from(CAMPAIGNS),
        ),
        st.sampled_from(get_args(ConsentPurpose)).map(lambda purpose: t.ConsentIs(purpose=purpose)),
        st.sampled_from(CHANNELS).map(lambda by: t.ReachableBy(by=by)),
        st.sampled_from([t.PlatformIs(is_one_of=["ios"]), t.PlatformIs(is_one_of=["android"])]),
        st.lists(st.sampled_from(STORES), min_size=1, max_size=2).map(lambda each: t.HomeStoreIs(is_one_of=each)),
        st.integers(1, 3000).map(lambda radius: t.InArea(store_id=STORES[0], radius_m=radius)),
        st.just(t.InArea(store_id=STORES[2], radius_m=1000)),
        st.sampled_from([1000, 90_000]).map(
            lambda radius: t.InArea(by="postal_code", center=[139.7, 35.69], radius_m=radius)
        ),
        st.just(t.InArea(polygon=[[139.69, 35.6], [139.701, 35.6], [139.701, 35.8], [139.69, 35.8], [139.69, 35.6]])),
        some_range(0, 400, DAYS).map(lambda both: t.JoinedAgo(**both)),
    )


def some_articles() -> st.SearchStrategy[t.PurchaseTotal]:
    parts = st.fixed_dictionaries({"store_ids": some_stores, "within_days": some_window})
    asked = st.sampled_from(
        [
            {"item_codes": ["tea"]},
            {"categories": ["drinks", "sweets"]},
            {"item_codes": ["cake"], "categories": ["food"]},
        ]
    )
    measured = st.tuples(st.just("count"), some_range(0, 3)) | st.tuples(st.just("amount"), some_range(0, 2000))
    return st.builds(
        lambda measure, parts, asked: t.PurchaseTotal(measure=measure[0], **measure[1], **parts, **asked),
        *(measured, parts, asked),
    )


def some_tree() -> st.SearchStrategy[t.Tree]:
    return st.recursive(
        some_leaf(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map(lambda of: t.AllOf(of=of)),
            st.lists(inner, min_size=1, max_size=4).map(lambda of: t.AnyOf(of=of)),
            inner.map(lambda of: t.Not(of=of)),
        ),
        max_leaves=8,
    )

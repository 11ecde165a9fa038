"""Whether one member is in an audience: true, false or unknown, over what was read of them. Pure.

The same answers as the SQL of `audiences.compile_sql`; tests/audiences/test_agreement.py holds the two together.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeAlias

from audiences import tree as t
from audiences.attributes import AttributeDefinition, Definitions
from audiences.bought_items import judge_items
from audiences.facts import visit_cycle_days
from audiences.logic import Verdict, all_true, any_true, negate
from audiences.moment import Moment, age_on, birthdays_within
from audiences.profiling import is_profiling
from audiences.views import MemberView, needs_rows, of_items

# Of one member, of whom facts are known.
Judge: TypeAlias = Callable[[MemberView, Moment], Verdict]


def judge_of(tree: t.Tree, definitions: Definitions) -> Judge:
    """For any number of members: what the tree alone says of how it is judged is looked at here, once. References to
    other audiences are resolved before (`audiences.resolve`).
    """
    if isinstance(tree, t.AllOf):
        return partial(_all_of, [judge_of(each, definitions) for each in tree.of])
    if isinstance(tree, t.AnyOf):
        return partial(_any_of, [judge_of(each, definitions) for each in tree.of])
    if isinstance(tree, t.Not):
        return partial(_not, judge_of(tree.of, definitions))
    judge = _judge_of_leaf(tree, definitions)
    return partial(_if_consented, judge) if is_profiling(tree, definitions) else judge


def _all_of(judges: Sequence[Judge], view: MemberView, moment: Moment) -> Verdict:
    return all_true(judge(view, moment) for judge in judges)


def _any_of(judges: Sequence[Judge], view: MemberView, moment: Moment) -> Verdict:
    return any_true(judge(view, moment) for judge in judges)


def _not(judge: Judge, view: MemberView, moment: Moment) -> Verdict:
    return negate(judge(view, moment))


def _if_consented(judge: Judge, view: MemberView, moment: Moment) -> Verdict:
    """What weighs a person up is unknown of whoever has not consented to it."""
    return judge(view, moment) if view.facts.may_profile else None


def _judge_of_leaf(leaf: t.Leaf, definitions: Definitions) -> Judge:
    if isinstance(leaf, t.AttributeIs):
        definition = definitions.get(leaf.key)
        return _unknown if definition is None or definition.is_removed else partial(_attribute, leaf, definition)
    if isinstance(leaf, t.ReachableBy | t.InArea):
        return partial(_judged, t.key_of(leaf))
    return partial(_LEAVES[type(leaf)], leaf)


def _unknown(_: MemberView, __: Moment) -> Verdict:
    return None


def _judged(key: bytes, view: MemberView, _: Moment) -> Verdict:
    """By the database."""
    return view.judged[key]


def _attribute(leaf: t.AttributeIs, definition: AttributeDefinition, view: MemberView, _: Moment) -> Verdict:
    value = view.attributes.get(leaf.key)
    return None if value is None else _judge_value(leaf, definition, value)


def _judge_value(leaf: t.AttributeIs, definition: AttributeDefinition, value: Any) -> bool:
    if definition.kind == "number":
        return _is_between(float(value), leaf.at_least, leaf.at_most)
    if definition.kind == "date":
        day = date.fromisoformat(value)
        return (leaf.from_day is None or day >= leaf.from_day) and (leaf.to_day is None or day <= leaf.to_day)
    if definition.kind == "yes_no":
        return bool(value) is leaf.is_yes
    if definition.kind == "many_of":
        return not set(leaf.is_one_of or ()).isdisjoint(value)
    is_listed = leaf.is_one_of is None or str(value) in leaf.is_one_of
    return is_listed and (leaf.starts_with is None or str(value).startswith(leaf.starts_with))


def _age(leaf: t.AgeIs, view: MemberView, moment: Moment) -> Verdict:
    if view.birth_year is None or view.birthday is None:
        return None
    return _is_between(age_on(moment.today, view.birth_year, view.birthday), leaf.at_least, leaf.at_most)


def _birthday(leaf: t.BirthdayIn, view: MemberView, moment: Moment) -> Verdict:
    if view.birthday is None:
        return None
    return view.birthday in birthdays_within(moment.today, leaf.at_least_days, leaf.at_most_days)


def _visits(leaf: t.VisitCount, view: MemberView, moment: Moment) -> Verdict:
    if not needs_rows(leaf):
        return _is_between(view.facts.visits, leaf.at_least, leaf.at_most)
    counted = {
        (visit.store_id, visit.business_day)
        for visit in view.visits
        if visit.first_at < moment.as_of
        and (leaf.store_ids is None or visit.store_id in leaf.store_ids)
        and (leaf.within_days is None or visit.business_day >= moment.day_ago(leaf.within_days - 1))
    }
    return _is_between(len(counted), leaf.at_least, leaf.at_most)


def _last_visit(leaf: t.LastVisit, view: MemberView, moment: Moment) -> Verdict:
    last = view.facts.last_visit_on
    return last is not None and _is_between((moment.today - last).days, leaf.at_least_days, leaf.at_most_days)


def _visit_cycle(leaf: t.VisitCycle, view: MemberView, _: Moment) -> Verdict:
    cycle = visit_cycle_days(view.facts)
    return None if cycle is None else _is_between(cycle, leaf.at_least_days, leaf.at_most_days)


def _purchases(leaf: t.PurchaseTotal, view: MemberView, moment: Moment) -> Verdict:
    if not needs_rows(leaf):
        gathered = view.facts.purchases if leaf.measure == "count" else view.facts.spend
        return _is_between(gathered, leaf.at_least, leaf.at_most)
    since = None if leaf.within_days is None else moment.start_of_day_ago(leaf.within_days - 1)
    counted = [
        bought
        for bought in view.purchases
        if bought.purchased_at < moment.as_of
        and (since is None or bought.purchased_at >= since)
        and (leaf.store_ids is None or bought.store_id in leaf.store_ids)
    ]
    if of_items(leaf):
        return judge_items(leaf, counted)
    gathered = len(counted) if leaf.measure == "count" else sum(bought.amount for bought in counted)
    return _is_between(gathered, leaf.at_least, leaf.at_most)


def _last_purchase(leaf: t.LastPurchase, view: MemberView, moment: Moment) -> Verdict:
    last = view.facts.last_purchase_at
    if last is None:
        return False
    return (leaf.at_least_days is None or last < moment.start_of_day_ago(leaf.at_least_days - 1)) and (
        leaf.at_most_days is None or last >= moment.start_of_day_ago(leaf.at_most_days)
    )


def _points(leaf: t.PointsHeld, view: MemberView, _: Moment) -> Verdict:
    return _is_between(view.facts.points, leaf.at_least, leaf.at_most)


def _rank(leaf: t.RankIs, view: MemberView, _: Moment) -> Verdict:
    return view.facts.rank_code in leaf.is_one_of


def _tag(leaf: t.TagIs, view: MemberView, _: Moment) -> Verdict:
    return not view.tags.isdisjoint(leaf.is_one_of)


def _stamps(leaf: t.StampsHeld, view: MemberView, _: Moment) -> Verdict:
    held = view.facts.stamps if leaf.card is None else view.stamps_on.get(leaf.card, 0)
    return _is_between(held, leaf.at_least, leaf.at_most)


def _coupon(leaf: t.CouponHeld, view: MemberView, moment: Moment) -> Verdict:
    if leaf.campaign_id is None and leaf.state != "usable":
        return (view.facts.coupons_issued if leaf.state == "issued" else view.facts.coupons_used) > 0
    return any(
        (leaf.state == "issued" and each.is_issued)
        or (leaf.state == "used" and each.is_used)
        or (leaf.state == "usable" and each.is_usable and each.expires_at > moment.as_of)
        for each in view.coupons
        if leaf.campaign_id in (None, each.campaign_id)
    )


def _consent(leaf: t.ConsentIs, view: MemberView, _: Moment) -> Verdict:
    return leaf.purpose in view.consents


def _platform(leaf: t.PlatformIs, view: MemberView, _: Moment) -> Verdict:
    return not view.platforms.isdisjoint(leaf.is_one_of)


def _home_store(leaf: t.HomeStoreIs, view: MemberView, _: Moment) -> Verdict:
    home = view.facts.home_store_id
    return None if home is None else home in leaf.is_one_of


def _joined(leaf: t.JoinedAgo, view: MemberView, moment: Moment) -> Verdict:
    joined = view.facts.joined_at
    return (leaf.at_least_days is None or joined < moment.start_of_day_ago(leaf.at_least_days - 1)) and (
        leaf.at_most_days is None or joined >= moment.start_of_day_ago(leaf.at_most_days)
    )


def _is_between(value: float, at_least: float | None, at_most: float | None) -> bool:
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


_LEAVES: Mapping[type, Callable[[Any, MemberView, Moment], Verdict]] = {
    t.AgeIs: _age,
    t.BirthdayIn: _birthday,
    t.VisitCount: _visits,
    t.LastVisit: _last_visit,
    t.VisitCycle: _visit_cycle,
    t.PurchaseTotal: _purchases,
    t.LastPurchase: _last_purchase,
    t.PointsHeld: _points,
    t.RankIs: _rank,
    t.TagIs: _tag,
    t.StampsHeld: _stamps,
    t.CouponHeld: _coupon,
    t.ConsentIs: _consent,
    t.PlatformIs: _platform,
    t.HomeStoreIs: _home_store,
    t.JoinedAgo: _joined,
}

"""How much of some articles a member has bought: at least so much, and at most so much, since not every till tells the
lines of a bill, nor every refund what came back. Pure.

`items_condition` is the same as SQL. What is known is a lower and an upper bound of each purchase; of their sums a
condition is true or false where both say so, and else unknown.
"""

from collections.abc import Iterable
from typing import TypeAlias

from audiences.logic import Verdict, all_true
from audiences.statement import Statement
from audiences.tree import PurchaseTotal
from audiences.views import BoughtItem, PastPurchase

# Of the amount or the number, whichever is measured.
Bounds: TypeAlias = tuple[int, int]


def judge_items(leaf: PurchaseTotal, purchases: Iterable[PastPurchase]) -> Verdict:
    bounds = [_bounds(leaf, each) for each in purchases]
    low, high = sum(each[0] for each in bounds), sum(each[1] for each in bounds)
    verdicts: list[Verdict] = []
    if leaf.at_least is not None:
        verdicts.append(True if low >= leaf.at_least else False if high < leaf.at_least else None)
    if leaf.at_most is not None:
        verdicts.append(True if high <= leaf.at_most else False if low > leaf.at_most else None)
    return all_true(verdicts)


def _bounds(leaf: PurchaseTotal, bought: PastPurchase) -> Bounds:
    if not bought.items:
        return (0, 1) if leaf.measure == "count" else (0, bought.amount)
    meant = maybe = meant_amount = maybe_amount = 0
    for item in bought.items:
        if item.quantity <= item.returned_quantity or item.amount < 0:
            continue
        amount = item.amount - item.returned_amount
        if _is_meant(leaf, item):
            meant, meant_amount = meant + 1, meant_amount + amount
        elif _may_be_meant(leaf, item):
            maybe, maybe_amount = maybe + 1, maybe_amount + amount
    # What came back untold may have been any of it.
    kept = max(meant_amount - bought.untold, 0)
    if leaf.measure == "amount":
        return kept, meant_amount + maybe_amount
    is_kept = meant > 0 and (kept > 0 or bought.untold == 0)
    return int(is_kept), int(meant + maybe > 0)


def _is_meant(leaf: PurchaseTotal, item: BoughtItem) -> bool:
    return item.code in (leaf.item_codes or ()) or item.category in (leaf.categories or ())


def _may_be_meant(leaf: PurchaseTotal, item: BoughtItem) -> bool:
    """The till has not told of it what is asked for."""
    return (leaf.item_codes is not None and item.code is None) or (
        leaf.categories is not None and item.category is None
    )


def items_condition(w: Statement, leaf: PurchaseTotal, where: str, can_have: str) -> str:
    """`where`: which purchases `b` count. `can_have`: the facts do not rule out that there are some."""
    meant, maybe = _tests(w, leaf)
    lines = (
        f"SELECT count(*) FILTER (WHERE {meant}) AS meant, count(*) FILTER (WHERE {maybe} AND NOT {meant}) AS maybe,"
        f" coalesce(sum(i.amount - coalesce(i.returned_amount, 0)) FILTER (WHERE {meant}), 0) AS meant_amount,"
        " coalesce(sum(i.amount - coalesce(i.returned_amount, 0))"
        f" FILTER (WHERE {maybe} AND NOT {meant}), 0) AS maybe_amount"
        " FROM jsonb_to_recordset(b.items) AS i (code text, category text, quantity numeric, amount bigint,"
        " returned_quantity numeric, returned_amount bigint)"
        " WHERE i.quantity > coalesce(i.returned_quantity, 0) AND i.amount >= 0"
    )
    kept = "greatest(l.meant_amount - b.refunded_untold, 0)"
    if leaf.measure == "amount":
        low, high = kept, "CASE WHEN b.items = '[]' THEN b.amount - b.refunded ELSE l.meant_amount + l.maybe_amount END"
    else:
        low = f"(l.meant > 0 AND ({kept} > 0 OR b.refunded_untold = 0))::int"
        high = "(b.items = '[]' OR l.meant + l.maybe > 0)::int"
    verdicts, without = [], []
    if leaf.at_least is not None:
        bound = w.bind(leaf.at_least, "bigint")
        verdicts.append(f"CASE WHEN sum({low}) >= {bound} THEN TRUE WHEN sum({high}) < {bound} THEN FALSE END")
        without.append(f"0 >= {bound}")
    if leaf.at_most is not None:
        bound = w.bind(leaf.at_most, "bigint")
        verdicts.append(f"CASE WHEN sum({high}) <= {bound} THEN TRUE WHEN sum({low}) > {bound} THEN FALSE END")
        without.append(f"0 <= {bound}")
    # Without a purchase there is no sum.
    judged = f"CASE WHEN count(*) = 0 THEN {' AND '.join(without)} ELSE {' AND '.join(f'({v})' for v in verdicts)} END"
    gathered = f"(SELECT {judged} FROM purchases b CROSS JOIN LATERAL ({lines}) l WHERE {where})"
    return f"(CASE WHEN {can_have} THEN {gathered} ELSE {' AND '.join(without)} END)"


def _tests(w: Statement, leaf: PurchaseTotal) -> tuple[str, str]:
    """That a line is of the articles; that it may be, for all that the till has told."""
    meant, maybe = [], []
    for column, words in (("i.code", leaf.item_codes), ("i.category", leaf.categories)):
        if words is not None:
            meant.append(f"coalesce({column} = ANY ({w.bind(words, 'text[]')}), FALSE)")
            maybe.append(f"{column} IS NULL")
    return f"({' OR '.join(meant)})", f"({' OR '.join(maybe)})"

"""Whether a history of coupons and the database that it left agree. Pure: it is handed both, and knows no more.

A refusal for a cap is false where too few coupons can have been issued by its end to fill any cap that it met: those of
batches that had been sent by then. Places are stranded where, in the end, a coupon is refused though each of its caps
has room. What tills did with coupons is judged by `possession`.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from bench.chaos_coupons.history import Batch, Told, Wish
from bench.chaos_coupons.possession import count_double, count_false_refusals, count_lost, read_uses

Scope = tuple[str, str | None, str | None]
"""Campaign, store, business day: what a cap is of; None: of all."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds at the end, before the last places are asked for."""

    coupons: Mapping[str, Wish]
    redeemed: Sequence[str]
    """The coupons of all redemptions."""
    receipts: Mapping[str, str] = {}
    """Of those that were reserved before: the coupon, by its reservation."""
    messages: Sequence[str]
    """The coupons of all messages."""


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """Of one campaign; None: there is none."""

    total: int | None = None
    store: int | None = None
    day: int | None = None
    store_day: int | None = None

    def scopes(self, wish: Wish) -> Iterator[tuple[Scope, int]]:
        each: tuple[tuple[int | None, str | None, str | None], ...] = (
            (self.total, None, None),
            (self.store, wish.store, None),
            (self.day, None, wish.day),
            (self.store_day, wish.store, wish.day),
        )
        return (((wish.campaign, store, day), cap) for cap, store, day in each if cap is not None)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All but `attempts` should be zero."""

    attempts: int
    duplicates: int
    above_cap: int
    lost: int
    unmatched_messages: int
    stranded_after_lease: int
    false_cap_refusals: int
    false_use_refusals: int

    @property
    def is_clean(self) -> bool:
        return not any(msgspec.structs.astuple(self)[1:])


def judge(
    history: Sequence[Batch],
    held: Held,
    caps: Mapping[str, Caps],
    rest: Sequence[tuple[Wish, Told]],
    unused: Sequence[Told] = (),
) -> Verdict:
    """`rest`: what became of coupons that nobody else wanted, asked for when all was over until every cap was full.
    `unused`: whether those could be reserved that had been reserved before and count as used by nobody.
    """
    uses = read_uses(history).values()
    return Verdict(
        # What was asked while the database was down is no attempt at it.
        attempts=sum(each != "unknown" for batch in history if batch.answered for each in batch.answered.told),
        duplicates=_count_duplicates(history, held) + sum(map(count_double, uses)),
        above_cap=sum(max(0, number - cap) for number, cap in _usage(list(held.coupons.values()), caps).values()),
        lost=_count_lost(history, held) + sum(count_lost(each, held.receipts) for each in uses),
        unmatched_messages=_count_unmatched(held),
        stranded_after_lease=_count_stranded(held, caps, rest) + sum(told != "reserved" for told in unused),
        false_cap_refusals=_count_false_refusals(history, held, caps),
        false_use_refusals=sum(map(count_false_refusals, uses)),
    )


def _answers(history: Sequence[Batch]) -> Iterator[tuple[Batch, Wish, Told]]:
    for batch in history:
        if batch.answered is not None:
            for wish, told in zip(batch.asked.wishes, batch.answered.told, strict=False):
                yield batch, wish, told


def _redemptions(history: Sequence[Batch]) -> Iterator[tuple[str, Told]]:
    for batch in history:
        if batch.answered is not None and batch.asked.coupons:
            yield from zip(batch.asked.coupons, batch.answered.told, strict=True)


def _key(wish: Wish) -> tuple[str, str, str]:
    return wish.member, wish.campaign, wish.period


def _count_duplicates(history: Sequence[Batch], held: Held) -> int:
    counts: list[Counter[object]] = [
        Counter(_key(wish) for wish in held.coupons.values()),
        Counter(_key(wish) for _, wish, told in _answers(history) if told == "issued"),
        Counter(held.redeemed),
        Counter(coupon for coupon, told in _redemptions(history) if told == "redeemed"),
    ]
    too_near = 0
    moments: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for wish in held.coupons.values():
        if wish.distance_s:
            moments[wish.member, wish.campaign].append(wish.event_s)
    distances = {wish.campaign: wish.distance_s for wish in held.coupons.values()}
    for (_, campaign), earned in moments.items():
        too_near += sum(later - earlier < distances[campaign] for earlier, later in pairwise(sorted(earned)))
    return sum(times - 1 for each in counts for times in each.values()) + too_near


def _usage(wishes: Sequence[Wish], caps: Mapping[str, Caps]) -> dict[Scope, tuple[int, int]]:
    """How many coupons count to each cap, and the cap."""
    used: Counter[Scope] = Counter()
    allowed: dict[Scope, int] = {}
    for wish in wishes:
        for scope, cap in caps[wish.campaign].scopes(wish):
            used[scope] += 1
            allowed[scope] = cap
    return {scope: (number, allowed[scope]) for scope, number in used.items()}


def _count_lost(history: Sequence[Batch], held: Held) -> int:
    keys = {_key(wish) for wish in held.coupons.values()}
    redeemed = set(held.redeemed)
    lost = 0
    for _, wish, told in _answers(history):
        lost += (told == "issued" and wish.coupon not in held.coupons) or (
            told == "already_issued" and _key(wish) not in keys
        )
    uses = _redemptions(history)
    return lost + sum(told == "redeemed" and coupon not in redeemed for coupon, told in uses)


def _count_unmatched(held: Held) -> int:
    messages = Counter(held.messages)
    return len(held.coupons.keys() ^ messages.keys()) + sum(times - 1 for times in messages.values())


def _count_stranded(held: Held, caps: Mapping[str, Caps], rest: Sequence[tuple[Wish, Told]]) -> int:
    issued = [*held.coupons.values(), *(wish for wish, told in rest if told == "issued")]
    used = _usage(issued, caps)
    stranded: dict[tuple[Scope, ...], int] = {}
    for wish, told in rest:
        if told != "issued":
            room = {scope: cap - used.get(scope, (0, cap))[0] for scope, cap in caps[wish.campaign].scopes(wish)}
            stranded[tuple(room)] = max(0, min(room.values(), default=1))
    return sum(stranded.values())


def _count_false_refusals(history: Sequence[Batch], held: Held, caps: Mapping[str, Caps]) -> int:
    sent_at = {wish.coupon: batch.asked.at_ns for batch in history for wish in batch.asked.wishes}
    sent: defaultdict[Scope, list[int]] = defaultdict(list)
    for coupon, wish in held.coupons.items():
        for scope, _ in caps[wish.campaign].scopes(wish):
            sent[scope].append(sent_at.get(coupon, 0))
    for moments in sent.values():
        moments.sort()
    return sum(
        all(bisect_right(sent[scope], batch.answered.at_ns) < cap for scope, cap in caps[wish.campaign].scopes(wish))
        for batch, wish, told in _answers(history)
        if told == "cap_reached" and batch.answered is not None
    )

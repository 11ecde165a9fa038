"""One member's points in memory: what a posting does to the balance, the lots and what is owed. Pure.

A balance is the sum of its lots: points that expire at the same moment. Spending takes from the lot that expires first.
What cannot be taken back because it was spent is owed, and the next points that come settle it; so a balance never
falls below zero, and buying, spending and returning wins nothing.

For every account, at every moment:

    balance = sum of the lots' remaining points = sum of the postings' points
    owed    = sum of the postings' owed_change, and nothing is owed while there is a balance
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ids import ProgramId, StoreId
from kit.ids import new_id
from points.rules import NEVER

Kind = Literal["earn", "spend", "expire", "adjust", "reverse", "move"]
Cause = Literal[
    "visit", "purchase", "refund", "till", "void", "expiry", "staff", "merge", "erasure", "undo", "import", "coupon"
]
# [(expires_at of the lot, points put in or taken out)]
LotChanges = tuple[tuple[datetime, int], ...]


class NotEnough(Exception):
    """The balance does not cover it. Nothing was posted."""

    def __init__(self, balance: int) -> None:
        super().__init__("the balance does not cover it")
        self.balance = balance


class Memo(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is posted. A `source_key` is posted once a member."""

    cause: Cause
    source_key: str
    at: datetime
    store_id: StoreId | None = None
    actor: str | None = None
    reason: str | None = None


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """`points` is what it did to the balance, `owed_change` what it did to what is owed."""

    id: UUID
    kind: Kind
    points: int
    owed_change: int
    balance_after: int
    lots: LotChanges
    memo: Memo
    reverses: UUID | None = None

    @property
    def earned(self) -> int:
        """What was earned or taken back, whether or not a debt swallowed it."""
        return self.points - self.owed_change


class Account:
    """Begins as the database has it; `postings` and `changed_lots` are what is to be written.

    Ids are drawn as it posts, while the account is locked: their order is the order of the postings.
    """

    def __init__(self, owed: int, lots: Mapping[datetime, int], opens_in: ProgramId | None = None) -> None:
        """`opens_in`: the program in which it is to be opened, where it is not there yet."""
        self.opens_in = opens_in
        self.owed = owed
        self.lots = dict(lots)
        self.opening_lots = frozenset(lots)
        self.opening_balance = sum(lots.values())
        self.postings: list[Posting] = []
        self.changed_lots: set[datetime] = set()

    @property
    def balance(self) -> int:
        return sum(self.lots.values())

    def usable_at(self, now: datetime) -> int:
        """The balance without what has expired, whether or not that is posted yet."""
        return sum(points for at, points in self.lots.items() if at > now)

    @property
    def next_expiry_at(self) -> datetime | None:
        return min((at for at, remaining in self.lots.items() if remaining and at != NEVER), default=None)

    def expire(self, now: datetime) -> None:
        """Post what has expired, a posting a lot. Comes before everything else that is posted."""
        for at in sorted(at for at, remaining in self.lots.items() if remaining and at <= now):
            # A lot that a void filled again expires again: nothing else of it is unique.
            memo = Memo(cause="expiry", source_key=f"expiry:{new_id()}", at=at)
            self._post("expire", ((at, -self.lots[at]),), 0, memo)

    def earn(self, points: int, expires_at: datetime, memo: Memo) -> Posting:
        return self._credit("earn", {expires_at: points}, memo)

    def spend(self, points: int, memo: Memo) -> Posting:
        """Raises NotEnough."""
        return self._post("spend", self._debit(points), 0, memo)

    def adjust(self, points: int, expires_at: datetime, memo: Memo) -> Posting:
        """Up or down. Raises NotEnough."""
        if points > 0:
            return self._credit("adjust", {expires_at: points}, memo)
        return self._post("adjust", self._debit(-points), 0, memo)

    def reverse_earning(self, points: int, earned: Posting, memo: Memo) -> Posting:
        """Of what `earned` brought: first from its own lot, then from the others; the rest is owed."""
        covered = min(points, self.balance)
        own = [at for at, _ in earned.lots]
        return self._post("reverse", self._take(covered, own), points - covered, memo, reverses=earned.id)

    def reverse_spending(self, points: int, returned_before: int, spent: Posting, memo: Memo) -> Posting:
        """What comes back settles what is owed; the rest goes into the lots it came from, and may expire there.

        As if that much less had been spent: what was taken last, which expires last, comes back first.
        """
        before = -spent.points - returned_before
        lots: dict[datetime, int] = {}
        start = 0
        for at, taken in spent.lots:
            end = start - taken
            part = min(end, before) - max(start, before - points)
            if part > 0:
                lots[at] = part
            start = end
        return self._credit("reverse", lots, memo, reverses=spent.id)

    def forfeit(self, memo: Memo) -> None:
        """Empty it: its member is erased. What is owed stays owed."""
        if self.balance:
            self._post("expire", self._debit(self.balance), 0, memo)

    def restore_expired(self, points: int, expired_id: UUID, at: datetime, memo: Memo) -> Posting:
        """Of what ran out at that moment, because it is to be taken back now and cannot go twice."""
        return self._credit("reverse", {at: points}, memo, reverses=expired_id)

    def move_out(self, memo: Memo) -> tuple[dict[datetime, int], int]:
        """Empty it, for another account to take over. Returns the lots, and what is owed: one of the two at most."""
        lots, owed = {at: points for at, points in self.lots.items() if points}, self.owed
        if lots or owed:
            self._post("move", tuple((at, -points) for at, points in sorted(lots.items())), -owed, memo)
        return lots, owed

    def move_in(self, lots: Mapping[datetime, int], owed: int, memo: Memo) -> None:
        """What another account handed over. What was to expire still does, on the same day."""
        if lots:
            self._credit("move", lots, memo)
        elif owed:
            covered = min(owed, self.balance)
            self._post("move", self._take(covered, ()), owed - covered, memo)

    def _credit(self, kind: Kind, lots: Mapping[datetime, int], memo: Memo, *, reverses: UUID | None = None) -> Posting:
        """Settle what is owed with what expires first; the rest goes into its lots."""
        settled = left = min(self.owed, sum(lots.values()))
        put: list[tuple[datetime, int]] = []
        for at, points in sorted(lots.items()):
            swallowed = min(left, points)
            left -= swallowed
            if points > swallowed:
                put.append((at, points - swallowed))
        return self._post(kind, tuple(put), -settled, memo, reverses=reverses)

    def _debit(self, points: int) -> LotChanges:
        if points > self.balance:
            raise NotEnough(self.balance)
        return self._take(points, ())

    def _take(self, points: int, first: Iterable[datetime]) -> LotChanges:
        taken: dict[datetime, int] = {}
        for at in [*first, *sorted(self.lots)]:
            part = min(points, self.lots.get(at, 0)) if at not in taken else 0
            if part:
                taken[at] = -part
                points -= part
        return tuple(taken.items())

    def _post(
        self, kind: Kind, lots: LotChanges, owed_change: int, memo: Memo, *, reverses: UUID | None = None
    ) -> Posting:
        for at, points in lots:
            self.lots[at] = self.lots.get(at, 0) + points
            self.changed_lots.add(at)
        self.owed += owed_change
        points = sum(points for _, points in lots)
        posting = Posting(
            id=new_id(),
            kind=kind,
            points=points,
            owed_change=owed_change,
            balance_after=self.balance,
            lots=lots,
            memo=memo,
            reverses=reverses,
        )
        self.postings.append(posting)
        return posting

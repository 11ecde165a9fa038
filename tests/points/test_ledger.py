"""The ledger in memory: oldest first, never below zero, debts settled, and two sums that always agree."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.ledger import Account, Memo, NotEnough, Posting
from points.rules import NEVER

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=1), NOW + timedelta(days=30)


def memo(key: str = "k", at: datetime = NOW) -> Memo:
    return Memo(cause="purchase", source_key=key, at=at)


def test_what_expires_first_is_spent_first() -> None:
    account = Account(0, {NEVER: 10, LATER: 10, SOON: 10})
    spent = account.spend(15, memo())
    assert spent.lots == ((SOON, -10), (LATER, -5))
    assert (account.balance, account.next_expiry_at) == (15, LATER)


def test_more_than_there_is_posts_nothing() -> None:
    account = Account(0, {SOON: 10})
    with pytest.raises(NotEnough) as refusal:
        account.spend(11, memo())
    assert refusal.value.balance == 10
    assert (account.balance, account.postings) == (10, [])


def test_what_has_expired_is_posted_lot_by_lot_and_once() -> None:
    account = Account(0, {SOON: 10, LATER: 5, NEVER: 1})
    account.expire(LATER)
    account.expire(LATER)
    assert [(posting.kind, posting.points, posting.memo.at) for posting in account.postings] == [
        ("expire", -10, SOON),
        ("expire", -5, LATER),
    ]
    assert (account.balance, account.next_expiry_at) == (1, None)


def test_points_hold_until_the_moment_that_they_expire() -> None:
    account = Account(0, {SOON: 10})
    account.expire(SOON - timedelta(microseconds=1))
    assert account.balance == 10


def test_who_buys_spends_and_returns_owes_and_wins_nothing() -> None:
    account = Account(0, {})
    bought = account.earn(100, LATER, memo("buy"))
    account.spend(80, memo("spend"))
    returned = account.reverse_earning(100, bought, memo("return"))
    assert (returned.points, returned.owed_change, account.balance, account.owed) == (-20, 80, 0, 80)
    again = account.earn(50, LATER, memo("buy again"))
    assert (again.points, again.owed_change, account.balance, account.owed) == (0, -50, 0, 30)
    account.earn(50, LATER, memo("and again"))
    assert (account.balance, account.owed) == (20, 0)
    assert [posting.earned for posting in account.postings if posting.kind != "spend"] == [100, -100, 50, 50]


def test_a_return_takes_from_the_lot_that_the_purchase_made() -> None:
    account = Account(0, {SOON: 10})
    bought = account.earn(10, LATER, memo("buy"))
    assert account.reverse_earning(10, bought, memo("return")).lots == ((LATER, -10),)


def test_what_is_given_back_goes_where_it_came_from() -> None:
    account = Account(0, {SOON: 10, LATER: 10})
    spent = account.spend(15, memo("spend"))
    account.reverse_spending(15, 0, spent, memo("void"))
    assert account.lots == {SOON: 10, LATER: 10}


@pytest.mark.parametrize(
    ("parts", "lots"),
    [
        ((5,), ((LATER, 5),)),
        ((7,), ((SOON, 2), (LATER, 5))),
        ((5, 10), ((SOON, 10),)),
        ((3, 4), ((SOON, 2), (LATER, 2))),
        ((3, 4, 8), ((SOON, 8),)),
    ],
)
def test_a_part_that_is_given_back_is_what_was_taken_last(
    parts: tuple[int, ...], lots: tuple[tuple[datetime, int], ...]
) -> None:
    """As if that much less had been spent. `lots`: what the last part went into, of 10 taken early and 5 late."""
    account = Account(0, {SOON: 10, LATER: 10})
    spent, returned = account.spend(15, memo("spend")), 0
    for part in parts:
        account.reverse_spending(part, returned, spent, memo("void"))
        returned += part
    assert account.postings[-1].lots == lots
    kept = Account(0, {SOON: 10, LATER: 10})
    if returned < 15:
        kept.spend(15 - returned, memo("spend less"))
    assert {at: points for at, points in account.lots.items() if points} == {
        at: points for at, points in kept.lots.items() if points
    }


def test_what_is_given_back_too_late_expires_at_once() -> None:
    account = Account(0, {SOON: 10})
    spent = account.spend(10, memo("spend"))
    account.reverse_spending(10, 0, spent, memo("void", LATER))
    account.expire(LATER)
    assert (account.balance, [posting.kind for posting in account.postings]) == (0, ["spend", "reverse", "expire"])


def test_a_void_after_a_return_settles_what_is_owed_first() -> None:
    account = Account(0, {})
    bought = account.earn(100, LATER, memo("buy"))
    spent = account.spend(80, memo("spend"))
    account.reverse_earning(100, bought, memo("return"))
    voided = account.reverse_spending(80, 0, spent, memo("void"))
    assert (voided.points, voided.owed_change, account.balance, account.owed) == (0, -80, 0, 0)


@pytest.mark.parametrize(("held", "left", "owed"), [(100, 20, 0), (50, 0, 30), (0, 0, 80)])
def test_a_debt_that_moves_is_settled_with_what_is_there(held: int, left: int, owed: int) -> None:
    goes, stays = Account(80, {}), Account(0, {LATER: held})
    stays.move_in(*goes.move_out(memo("out")), memo("in"))
    assert (goes.balance, goes.owed, stays.balance, stays.owed) == (0, 0, left, owed)


amounts = st.integers(1, 50)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), amounts),
        st.tuples(st.just("spend"), amounts),
        st.tuples(st.just("adjust"), st.integers(-50, 50).filter(bool)),
        st.tuples(st.just("return"), amounts),
        st.tuples(st.just("void"), amounts),
        st.tuples(st.just("wait"), st.integers(1, 20)),
    ),
    max_size=40,
)


def carry_out(account: Account, step: tuple[str, int], now: datetime, kept: dict[str, list[Posting]]) -> None:
    what, number = step
    if what == "earn":
        kept["earn"].append(account.earn(number, now + timedelta(days=number), memo(at=now)))
    elif what == "spend":
        kept["spend"].append(account.spend(number, memo(at=now)))
    elif what == "adjust":
        account.adjust(number, NEVER, memo(at=now))
    elif what == "return" and kept["earn"]:
        bought = kept["earn"].pop(number % len(kept["earn"]))
        account.reverse_earning(bought.earned, bought, memo(at=now))
    elif what == "void" and kept["spend"]:
        spent = kept["spend"].pop(number % len(kept["spend"]))
        part = min(number, -spent.points)
        account.reverse_spending(part, 0, spent, memo(at=now))
        if part < -spent.points:
            account.reverse_spending(-spent.points - part, part, spent, memo(at=now))


@given(steps)
def test_whatever_is_posted_the_sums_agree(taken: list[tuple[str, int]]) -> None:
    account, now = Account(0, {}), NOW
    kept: dict[str, list[Posting]] = {"earn": [], "spend": []}
    for step in taken:
        if step[0] == "wait":
            now += timedelta(days=step[1])
        account.expire(now)
        with contextlib.suppress(NotEnough):
            carry_out(account, step, now, kept)
        account.expire(now)
        assert account.balance == sum(posting.points for posting in account.postings) >= 0
        assert account.owed == sum(posting.owed_change for posting in account.postings) >= 0
        assert all(remaining >= 0 for remaining in account.lots.values())
        assert all(at > now for at, remaining in account.lots.items() if remaining)
        assert account.balance == 0 or account.owed == 0

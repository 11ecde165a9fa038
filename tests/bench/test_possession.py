"""The checker of what tills do with coupons finds each kind of fault, and takes for a fault nothing that can be."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.chaos_coupons.history import Answered, Asked, Batch, Told, Use
from bench.chaos_coupons.possession import count_double, count_false_refusals, count_lost, read_uses

HELD_S = 10.0


def moment(at: float) -> datetime:
    return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=at)


def deed(
    kind: str, at: float, told: Told | None, receipt: str | None = None, *, now: float | None = None, takes: float = 1
) -> Batch:
    """At second `at`; None: it was killed. A reserve makes the receipt, if it is told so."""
    use = None
    if kind != "redeem":
        named = None if kind == "reserve" else receipt
        use = Use(kind=kind, coupon="c", reservation=named, hold_s=HELD_S)  # type: ignore[arg-type]
    coupons = ["c"] if kind == "redeem" else []
    asked = Asked(f"{kind} {at}", int(at * 1e9), coupons=coupons, use=use, now=moment(at if now is None else now))
    if told is None:
        return Batch(asked, None)
    made = receipt if kind == "reserve" else None
    return Batch(asked, Answered(asked.batch, int((at + takes) * 1e9), [told], made))


HOLD, PAID = deed("reserve", 0, "reserved", "r"), deed("pay", 2, "redeemed", "r")
VOID = deed("void", 4, "voided", "r")


@pytest.mark.parametrize(
    ("history", "double"),
    [
        ([HOLD, deed("reserve", 3, "reserved", "s")], 1),
        ([HOLD, deed("redeem", 3, "redeemed")], 1),
        ([HOLD, PAID, deed("reserve", 20, "reserved", "s")], 1),  # paid: no time ends that
        ([deed("redeem", 0, "redeemed"), deed("reserve", 20, "reserved", "s")], 1),
        ([HOLD, deed("reserve", 0.5, "reserved", "s")], 0),  # beside each other: a later fault of the other one
        ([HOLD, deed("reserve", 20, "reserved", "s")], 0),  # it had lapsed
        ([HOLD, deed("reserve", 9, "reserved", "s", now=10)], 0),
        ([HOLD, VOID, deed("reserve", 6, "reserved", "s")], 0),
        ([HOLD, PAID, VOID, deed("redeem", 6, "redeemed")], 0),
        ([HOLD, deed("void", 2, None, "r"), deed("reserve", 3, "reserved", "s")], 0),  # a void that may have been
        ([deed("reserve", 0, None), deed("reserve", 3, "reserved", "s")], 0),
    ],
)
def test_two_who_have_it(history: list[Batch], double: int) -> None:
    assert count_double(read_uses(history)["c"]) == double


@pytest.mark.parametrize(
    ("history", "false"),
    [
        ([deed("reserve", 3, "refused")], 1),
        ([HOLD, deed("reserve", 20, "refused")], 1),
        ([HOLD, VOID, deed("redeem", 6, "refused")], 1),
        ([HOLD, deed("pay", 2, "refused", "r")], 1),
        ([HOLD, deed("reserve", 3, "refused")], 0),
        ([HOLD, PAID, deed("reserve", 20, "refused")], 0),
        ([deed("reserve", 0, None), deed("reserve", 3, "refused")], 0),
        ([HOLD, deed("pay", 2, "unknown", "r"), deed("redeem", 20, "refused")], 0),
        ([HOLD, deed("void", 4, "unknown", "r"), deed("redeem", 6, "refused")], 0),
        ([HOLD, PAID, deed("pay", 5, "refused", "r")], 0),
        ([HOLD, VOID, deed("pay", 6, "refused", "r")], 0),
        ([HOLD, deed("pay", 20, "refused", "r")], 0),
        ([HOLD, deed("pay", 9, "refused", "r", takes=9), deed("reserve", 12, "reserved", "s")], 0),  # taken over
    ],
)
def test_who_is_refused_for_nothing(history: list[Batch], false: int) -> None:
    assert count_false_refusals(read_uses(history)["c"]) == false


@pytest.mark.parametrize(
    ("history", "redeemed", "lost"),
    [
        ([HOLD, PAID], {}, 1),
        ([HOLD, PAID, VOID], {"r": "c"}, 1),
        ([HOLD, PAID], {"r": "c"}, 0),
        ([HOLD, PAID, VOID], {}, 0),
        ([HOLD, PAID, deed("void", 4, None, "r")], {}, 0),
    ],
)
def test_receipts_that_are_not_there_or_still_are(history: list[Batch], redeemed: dict[str, str], lost: int) -> None:
    assert count_lost(read_uses(history)["c"], redeemed) == lost

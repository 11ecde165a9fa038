"""How many codes go out: what holds for one, in the order in which it is locked."""

from datetime import timedelta

import pytest

from ids import MemberId
from kit.ids import new_id
from members.code_limits import MAX_CODES, CodeBound, CodeCaps, limits_of
from members.contacts import ContactKind

CAPS = CodeCaps(hour=500, day=3000)


def bounds(
    caps: CodeCaps = CAPS,
    kind: ContactKind = "phone",
    network: bytes | None = b"n",
    *,
    is_proof: bool = False,
    is_abroad: bool = False,
) -> list[tuple[str, int, tuple[int, ...]]]:
    bound = CodeBound(
        kind=kind,
        value_hash=b"v",
        member_id=MemberId(new_id()),
        network_hash=network,
        is_proof=is_proof,
        is_abroad=is_abroad,
    )
    return [(limit.kind, limit.most, tuple(limit.told_at)) for limit in limits_of(bound, caps)]


OWN = [("phone", MAX_CODES, ()), ("member", MAX_CODES, ())]


def test_a_code_to_somebody_new_leaves_a_fifth_for_proofs() -> None:
    of_program = [("phone_hour", 400, (400, 500)), ("phone_day", 2400, (2400, 3000))]
    assert bounds() == [*OWN, ("network", 100, ()), *of_program]


def test_a_proof_may_take_the_last_place() -> None:
    of_program = [("phone_hour", 500, (400, 500)), ("phone_day", 3000, (2400, 3000))]
    assert bounds(network=None, is_proof=True) == [*OWN, *of_program]


def test_e_mail_is_counted_by_itself() -> None:
    assert [kind for kind, *_ in bounds(kind="email")] == ["email", "member", "network", "email_hour", "email_day"]


def test_abroad_is_a_tenth_of_the_day() -> None:
    assert ("abroad_day", 300, (300,)) in bounds(is_abroad=True)


@pytest.mark.parametrize(
    ("caps", "network", "abroad", "hour"),
    [
        (CodeCaps(1, 1), 20, 5, 1),
        (CodeCaps(4, 9), 20, 5, 4),
        (CodeCaps(5, 10), 20, 5, 4),
        (CodeCaps(200, 200), 40, 20, 160),
    ],
)
def test_small_programs(caps: CodeCaps, network: int, abroad: int, hour: int) -> None:
    most = {kind: most for kind, most, _ in bounds(caps, is_abroad=True)}
    assert (most["network"], most["abroad_day"], most["phone_hour"]) == (network, abroad, hour)


def test_windows() -> None:
    bound = CodeBound(
        kind="phone", value_hash=b"", member_id=MemberId(new_id()), network_hash=b"", is_proof=False, is_abroad=True
    )
    windows = {limit.kind: limit.window for limit in limits_of(bound, CAPS)}
    hours = {kind for kind, window in windows.items() if window == timedelta(hours=1)}
    assert hours == {"network", "phone_hour"}

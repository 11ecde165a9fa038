"""How a run makes way for phones: what it takes of the machine, by how long uploads take beside it and at rest."""

from itertools import pairwise

import pytest

from kit.database import Pool
from server.runtime.pulse import Pulse, purge_pulses, read_slowest_pulse
from server.schedules.brake import QUIET_S, Brake


def rested(p99_ms: float = 10.0) -> Brake:
    """One that knows the rest, and has been walking for a second."""
    brake = Brake()
    brake.measure(p99_ms, 0.0)
    brake.note_walk(1.0)
    return brake


def test_it_waits_until_it_knows_the_rest_of_those_who_post() -> None:
    brake = Brake()
    assert not brake.must_rest(None)
    assert brake.must_rest(10.0)
    brake.measure(10.0, 0.0)
    assert not brake.must_rest(10.0)


def test_what_is_measured_beside_a_walk_is_not_the_rest() -> None:
    brake = rested()
    brake.measure(19.0, 2.0)
    assert brake.rest_ms == 10.0
    brake.measure(12.0, 1.0 + QUIET_S + 0.1)
    assert brake.rest_ms == 10.0
    brake.measure(12.0, 605.0)  # the first is too long ago by now
    assert brake.rest_ms == 12.0


def test_it_brakes_at_once_and_speeds_up_little_by_little() -> None:
    brake = rested()
    first = brake.share
    brake.measure(17.0, 2.0)
    assert brake.share < 0.7 * first
    for second in range(3, 40):
        brake.note_walk(float(second))
        brake.measure(100.0, float(second))
    least = brake.share
    assert 0 < least < 0.05
    assert brake.batch(500) >= 10
    assert brake.pause_s(0.1) == 2.0
    brake.measure(14.0, 40.0)  # near enough: neither
    assert brake.share == least
    shares = []
    for second in range(41, 120):
        brake.note_walk(float(second))
        brake.measure(11.0, float(second))
        shares.append(brake.share)
    assert all(before <= after <= 1.2 * before for before, after in pairwise(shares))
    assert (shares[-1], brake.batch(500), brake.pause_s(0.1)) == (1.0, 500, 0.0)


def test_where_nobody_posts_it_takes_all() -> None:
    brake = Brake()
    for second in range(6):
        brake.measure(None, float(second))
    assert brake.share == 1.0


@pytest.mark.parametrize(("p99_ms", "is_braked"), [(2.0, False), (7.0, True)])
def test_what_nobody_notices_is_no_reason_to_brake(p99_ms: float, is_braked: bool) -> None:
    brake = rested(0.5)
    before = brake.share
    brake.measure(4.0 * p99_ms if is_braked else p99_ms, 2.0)
    assert (brake.share < before) is is_braked


async def test_the_slowest_process_is_told_to_all(pool: Pool) -> None:
    fast, slow, quiet = Pulse(), Pulse(), Pulse()
    for number in range(200):
        fast.note(0.001)
        slow.note(0.5 if number % 50 == 0 else 0.002)
    quiet.note(9.0)
    for each in (fast, slow, quiet):
        await each.tell(pool)
    async with pool.acquire() as conn:
        assert await read_slowest_pulse(conn) == pytest.approx(500)
        await conn.execute("UPDATE pulses SET measured_at = measured_at - interval '5 seconds' WHERE p99_ms > 100")
        assert await read_slowest_pulse(conn) == pytest.approx(1)
        await conn.execute("UPDATE pulses SET measured_at = measured_at - interval '2 hours'")
        await purge_pulses(conn)
        assert await conn.fetchval("SELECT count(*) FROM pulses") == 0

"""Silence: when it begins for a phone with a rhythm of its own."""

import pytest

from geo.index import FenceIndex
from geo.presence import Presence
from geo.sweeping import next_due_at, sweep
from tests.support.tracks import SHOP, at, fix, upload


@pytest.mark.parametrize("every_s", [20, 60, 100])
def test_a_regular_phone_is_not_silent_in_the_second_of_its_next_fix(every_s: int) -> None:
    """Unsure of its place, after two fixes outside: what has come due waits for two pauses, and not for one."""
    fence_of = FenceIndex.build([SHOP]).get
    presence, heard_s = Presence.nowhere(), 0
    for east_m, accuracy_m in ((0, 10), (0, 10), (200, 10), (200, 10), (60, 40), (60, 40)):
        heard_s += every_s
        presence = upload(presence, fix(heard_s, east_m, accuracy_m), received_s=heard_s).presence
    assert presence.stays
    due_at = next_due_at(presence, fence_of, at(heard_s))
    assert due_at is not None
    assert due_at >= at(heard_s + 2 * every_s)
    assert sweep(presence, fence_of, at(heard_s + 1.5 * every_s)).presence.stays
    assert not sweep(presence, fence_of, due_at).presence.stays

"""Few places: taken in turns by key, the newest of a key first, and bounded."""

import asyncio

import pytest

from kit.batching import Overloaded
from kit.fair_places import FairPlaces
from tests.support.waiting import PATIENCE_S


class Queue:
    """Callers that wait one after the other; `served` in the order in which they got their place."""

    def __init__(self, places: FairPlaces) -> None:
        self._places = places
        self.served: list[str] = []
        self.turned_away: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def join(self, name: str) -> None:
        """The key is its first letter."""
        self.tasks[name] = asyncio.create_task(self._ask(name))
        await asyncio.sleep(0)

    async def _ask(self, name: str) -> None:
        try:
            async with self._places.place(name[0]):
                self.served.append(name)
        except Overloaded:
            self.turned_away.append(name)

    async def end(self) -> None:
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_keys_take_turns_and_the_newest_of_a_key_goes_first() -> None:
    places = FairPlaces(at_once=1, waiting=10, patience_s=PATIENCE_S)
    await places.take("held")
    queue = Queue(places)
    for name in ("a1", "a2", "a3", "b1", "a4", "c1"):
        await queue.join(name)
    places.release()
    await queue.end()
    assert queue.served == ["a4", "b1", "c1", "a3", "a2", "a1"]


async def test_a_crowd_is_turned_away_for_others_and_for_its_own_newest() -> None:
    places = FairPlaces(at_once=1, waiting=3, patience_s=PATIENCE_S)
    await places.take("held")
    queue = Queue(places)
    for name in ("a1", "a2", "a3", "a4", "b1", "c1", "d1"):
        await queue.join(name)
    assert queue.turned_away == ["a1", "a2", "a3", "d1"], "where all wait alone, the newcomer goes"
    places.release()
    await queue.end()
    assert queue.served == ["a4", "b1", "c1"]
    assert places.waiting_count == 0


async def test_as_many_as_there_are_places_go_at_once_and_a_failure_gives_its_place_back() -> None:
    places = FairPlaces(at_once=2, waiting=0, patience_s=PATIENCE_S)
    async with places.place("a"), places.place("a"):
        with pytest.raises(Overloaded):
            await places.take("a")
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with places.place("a"):
                raise ZeroDivisionError


async def test_who_gives_up_waiting_takes_no_place() -> None:
    places = FairPlaces(at_once=1, waiting=5, patience_s=PATIENCE_S)
    await places.take("held")
    queue = Queue(places)
    for name in ("a1", "a2", "b1"):
        await queue.join(name)
    queue.tasks["a2"].cancel()
    await asyncio.sleep(0)
    assert places.waiting_count == 2
    places.release()  # to a1, which gives up in the same moment
    queue.tasks["a1"].cancel()
    await queue.end()
    assert queue.served == ["b1"]
    async with places.place("free again"):
        pass


async def test_nobody_waits_for_ever() -> None:
    places = FairPlaces(at_once=1, waiting=5, patience_s=0.01)
    await places.take("held")
    with pytest.raises(Overloaded):
        await places.take("a")
    assert places.waiting_count == 0

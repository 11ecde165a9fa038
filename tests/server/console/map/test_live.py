"""Who comes in: told of crowds only, to who may see them, for as long as their session lasts and the page is seen."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ids import MemberId, StoreId
from kit.clock import utc_now
from kit.ids import first_id_at, new_id
from programs.store import Place
from server.console.map import live
from server.console.map.crowds import count_crowds, last_window
from server.console.map.live import LiveTransitions
from server.web.services import Services
from tests.support.faces import ServedFaces
from tests.support.managers import as_person, open_map, sign_in
from tests.support.visitors import Visitor
from tests.support.waiting import until
from tests.support.world import Chain

A, B, C = (StoreId(UUID(int=n)) for n in range(1, 4))
STORES = {A: ("A", Place(35.1, 139.1)), B: ("B", Place(35.2, 139.2)), C: ("C", None)}


def people(first: int, count: int) -> list[MemberId]:
    return [MemberId(UUID(int=n)) for n in range(first, first + count)]


@pytest.mark.parametrize(
    ("entered", "only", "told"),
    [
        ({A: people(0, 9)}, None, ([], 0)),
        ({A: people(0, 19)}, None, ([("A", 10)], 0)),
        ({A: people(0, 6), B: people(6, 6)}, None, ([(None, 10)], 0)),
        ({A: people(0, 6), B: people(0, 6)}, None, ([], 0)),  # six people, who came to both
        ({A: people(0, 6), C: people(6, 6)}, None, ([], 10)),
        ({A: people(0, 30), B: people(0, 30)}, [B], ([("B", 30)], 0)),
        ({A: people(0, 6), B: people(6, 6)}, [B], ([], 0)),
        ({StoreId(UUID(int=9)): people(0, 30)}, None, ([], 0)),  # of no store that is open
    ],
)
def test_fewer_than_ten_are_told_nowhere(entered: Any, only: Any, told: Any) -> None:
    pairs = [(store_id, member) for store_id, members in entered.items() for member in members]
    crowds = count_crowds(datetime(2026, 1, 1, tzinfo=UTC), pairs, STORES, only)
    assert ([(each.store_name, each.people) for each in crowds.crowds], crowds.elsewhere) == told


def test_windows_end_before_they_are_told_and_do_not_overlap() -> None:
    at = datetime(2026, 1, 1, 12, 7, 30, tzinfo=UTC)
    assert last_window(at) == (at.replace(minute=0, second=0), at.replace(minute=5, second=0))


async def enter(chain: Chain, store_id: StoreId, count: int) -> None:
    since, _ = last_window(utc_now())
    rows = [UUID(int=first_id_at(since + timedelta(seconds=1)).int + n) for n in range(count)]
    await chain.world.pool.execute(
        "INSERT INTO transitions (member_id, received_at, id, program_id, device_id, store_id, geofence_id, kind,"
        " cause, event_at) SELECT m.member_id, $1, t.id, $2, $3, $4, $3, 'enter', 'fix', $1"
        " FROM unnest($5::uuid[]) WITH ORDINALITY AS t (id, n)"
        " JOIN (SELECT member_id, row_number() OVER () AS n FROM members WHERE program_id = $2) m USING (n)",
        since,
        chain.id,
        new_id(),
        store_id,
        rows,
    )


async def take_first(faces: ServedFaces, stream: LiveTransitions, secret: bytes) -> list[Any]:
    services: Services = faces.app.state.services
    messages = stream.stream(services, secret)
    first = await anext(messages)
    await messages.aclose()  # type: ignore[attr-defined]
    assert isinstance(first.data, bytes)
    return [first.event, msgspec.json.decode(first.data)]


async def test_a_crowd_is_told_to_its_own_program_and_a_session_that_ended_hears_nothing(
    faces: ServedFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    store_id = await chain.add_store(name="Ebisu", location={"lat": 35.6, "lon": 139.7})
    for _ in range(10):
        await chain.enrol()
    await enter(chain, store_id, 10)
    owner, stranger = await chain.add_person("owner"), await rival.add_person("owner")
    manager = await chain.add_person("store_manager", await chain.add_store())
    told = LiveTransitions()
    secrets = {person.id: (await as_person(faces, person)).secret for person in (owner, stranger, manager)}
    event, crowds = await take_first(faces, told, secrets[owner.id])
    assert event == "crowds"
    assert [(each["store_name"], each["people"]) for each in crowds["crowds"]] == [("Ebisu", 10)]
    for other in (stranger, manager):
        _, crowds = await take_first(faces, told, secrets[other.id])
        assert (crowds["crowds"], crowds["elsewhere"]) == ([], 0)
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    services: Services = faces.app.state.services
    stream = told.stream(services, secrets[owner.id])
    assert (await anext(stream)).event == "crowds"
    await faces.world.pool.execute("DELETE FROM staff_sessions WHERE staff_id = $1", owner.id)
    events = [message.event async for message in stream]
    assert events[-1] == "ended"
    assert told._streams == {}


async def test_a_second_stream_of_a_session_ends_the_first(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    secret = (await as_person(faces, await chain.add_person("owner"))).secret
    told, services = LiveTransitions(), faces.app.state.services
    first, second = told.stream(services, secret), told.stream(services, secret)
    await anext(first)
    following = asyncio.ensure_future(anext(first))
    await anext(second)
    assert (await following).event == "replaced"
    await second.aclose()  # type: ignore[attr-defined]


async def test_the_stream_ends_when_the_page_is_hidden(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await open_map(faces, visitor)
    streams: LiveTransitions = faces.app.state.live_transitions
    await page.click("[data-live]")
    await page.locator("[data-live-said]").filter(has_text="ありません").wait_for()
    assert len(streams._streams) == 1
    hide = "state => { Object.defineProperty(document, 'hidden', {value: state, configurable: true});"
    await page.evaluate(hide + " document.dispatchEvent(new Event('visibilitychange')) }", True)
    await page.wait_for_selector("[data-live=closed]")
    await until(lambda: streams._streams == {})
    await page.evaluate(hide + " document.dispatchEvent(new Event('visibilitychange')) }", False)
    await page.wait_for_selector("[data-live=open]")

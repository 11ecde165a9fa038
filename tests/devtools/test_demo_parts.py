"""The parts of the demo that need no server: the chain, the walks, the files, the view, the verdict."""

import io
import re
import socket
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import zxingcpp
from rich.cells import cell_len
from rich.console import Console

from devtools.demo.board import Board, Event
from devtools.demo.campaigns import DRAFT, KEPT_TITLES, TRIED, for_whom_is_reached, make_campaigns
from devtools.demo.chain import make_chain
from devtools.demo.command import main
from devtools.demo.recording import BadFile, Place, read_fixes, read_places
from devtools.demo.servers import hold_port
from devtools.demo.stations import PARKS
from devtools.demo.streets import Point, stroll, trip_to
from devtools.demo.tally import find_misfits
from devtools.demo.town import TokyoScenario
from devtools.demo.trace import guess_time_zone
from devtools.demo.view import View, draw_qr
from geo.geodesy import distance_m
from kit.daily_hours import DailyHours

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_the_chain_is_the_same_at_every_start() -> None:
    assert make_chain() == make_chain()


def test_the_chain_has_some_300_shops_in_tokyo_each_with_a_code_of_its_own() -> None:
    shops = make_chain()
    assert 280 <= len(shops) <= 330
    assert len({shop.code for shop in shops}) == len(shops)
    assert all(re.fullmatch("[a-z0-9][a-z0-9-]{1,38}[a-z0-9]", shop.code) for shop in shops)
    assert all(35.5 < shop.door.lat < 35.85 and 139.4 < shop.door.lon < 139.9 for shop in shops)
    assert any("area" in shop.shape for shop in shops)


def test_shops_of_one_station_lie_apart() -> None:
    shops = make_chain()
    for one, other in combinations(shops, 2):
        if one.station == other.station:
            assert distance_m(*one.door, *other.door) > 150, (one.code, other.code)


def test_no_shop_is_near_a_park() -> None:
    for park in PARKS:
        assert min(distance_m(park.lat, park.lon, *shop.door) for shop in make_chain()) > 300, park.name


@pytest.mark.parametrize("seed", range(20))
def test_a_trip_ends_now_and_is_long_enough_outside_for_an_exit(seed: int) -> None:
    rng = Random(seed)
    shop = rng.choice(make_chain())
    trip = trip_to(shop.door, shop.station, NOW, rng)
    times = [fix.recorded_at for fix in (*trip.arriving, *trip.leaving)]
    assert times == sorted(set(times))
    assert times[-1] == NOW
    assert NOW - times[0] < timedelta(minutes=15)
    assert distance_m(trip.arriving[-1].lat, trip.arriving[-1].lon, *shop.door) < 20
    outside = [fix for fix in trip.leaving if distance_m(fix.lat, fix.lon, *shop.door) > 75 + 25]
    assert outside[-1].recorded_at - outside[0].recorded_at >= timedelta(seconds=120)


def test_a_stroll_stays_in_its_park() -> None:
    fixes = stroll(Point(35.67, 139.69), NOW, Random(1))
    assert max(distance_m(fix.lat, fix.lon, 35.67, 139.69) for fix in fixes) <= 105


@pytest.mark.parametrize("hour", range(24))
def test_one_campaign_is_quiet_at_any_hour(hour: int) -> None:
    now = datetime(2026, 11, 21, hour, 59, tzinfo=UTC)
    (quiet,) = [body["quiet_hours"] for body in make_campaigns(["a"], now) if body["quiet_hours"]]
    hours = DailyHours(time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"]))
    assert hours.hold(now.astimezone(ZoneInfo("Asia/Tokyo")))


def test_the_chain_has_ten_campaigns_of_all_sorts_and_drafts() -> None:
    bodies = make_campaigns(["a"], NOW)
    assert len({body["name"] for body in bodies}) == len(bodies)
    assert sum(body["state"] == "running" for body in bodies) >= 10
    kinds = {body["trigger"]["kind"] for body in bodies}
    assert {"enter", "exit", "visit", "every_nth_visit", "lapsed", "birthday", "broadcast"} <= kinds
    assert {TRIED, DRAFT} <= {body["name"] for body in bodies}
    assert sum("exclusive_group" in body for body in bodies) == 2
    offered = [*bodies, *for_whom_is_reached("a", "b", NOW)]
    titles = {offer["title"] for body in offered for offer in body["offer"].values()}
    assert titles >= KEPT_TITLES


def test_fixes_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    path = tmp_path / "fixes.csv"
    path.write_text("lat,recorded_at,lon,accuracy_m\n2,2020-01-01T00:00:02Z,3,\n1,2020-01-01T09:00:01+09:00,3,7.5\n")
    first, second = read_fixes(path)
    assert (first.lat, first.accuracy_m, second.lat, second.accuracy_m) == (1, 7.5, 2, None)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no column lat, lon, recorded_at"),
        (b"recorded_at,lat\n", "no column lon"),
        (b"recorded_at,lat,lon\n", "no fixes"),
        (b"recorded_at,lat,lon\n2020-01-01T00:00:00Z,35,139\n2020-01-01T00:00:01Z,x,139\n", "line 3: 'x' is no number"),
        (b"recorded_at,lat,lon\n2020-01-01T00:00:00Z,nan,139\n", "line 2: 'nan' is no number"),
        (b"recorded_at,lat,lon\n2020-01-01T00:00:00Z,35\n", "line 2: 'None' is no number"),
        (b"recorded_at,lat,lon\n2020-01-01T00:00:00,35,139\n", "line 2: recorded_at has no UTC offset"),
        (b"recorded_at,lat,lon\nyesterday,35,139\n", "line 2: Invalid isoformat"),
        (b"\x1f\x8bbroken", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_bad_trace_is_told_by_its_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "fixes.csv"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=re.escape(complaint)):
        read_fixes(path)


_FEATURE = '{"geometry": {"type": "Point", "coordinates": [%s]}, "properties": {"name": "home", "radius_m": %s}}'


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[]", "not a GeoJSON FeatureCollection"),
        ('{"features": []}', "not a GeoJSON FeatureCollection"),
        ("{", "cannot be read"),
        ('{"features": [{}]}', "feature 1: not a point with"),
        ('{"features": [%s]}' % (_FEATURE % ("139, 95", "100")), "feature 1: not a point on the Earth"),
        ('{"features": [%s]}' % (_FEATURE % ("139, 35", "5")), "feature 1: it needs a name and a radius_m"),
    ],
)
def test_bad_places_are_told_by_their_number(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "places.geojson"
    path.write_text(content)
    with pytest.raises(BadFile, match=re.escape(complaint)):
        read_places(path)


def test_a_bad_file_ends_the_command_with_one_line_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.csv")
    assert main(["--trace", missing, "--places", missing]) == 2
    assert capsys.readouterr().err == f"noren: {missing}: No such file or directory\n"


@pytest.mark.parametrize(("lat", "lon", "zone"), [(35.68, 139.76, "Asia/Tokyo"), (40.01, 116.31, "UTC")])
def test_the_time_zone_is_guessed_from_the_places(lat: float, lon: float, zone: str) -> None:
    assert guess_time_zone([Place("a", lat, lon, 100)]) == zone


# As long as a card's code is.
CARD_CODE = "".join(str(number % 7) for number in range(452))


def test_the_qr_of_half_blocks_can_be_scanned() -> None:
    code = CARD_CODE
    rows = []
    for line in draw_qr(code).plain.splitlines():
        rows.append([block in "▀█" for block in line])
        rows.append([block in "▄█" for block in line])
    picture = np.kron(np.where(np.array(rows), 0, 255).astype(np.uint8), np.ones((4, 4), np.uint8))
    assert [result.text for result in zxingcpp.read_barcodes(picture)] == [code]


LINKS = {
    "manager": f"http://console.localhost:8080/console/link#nrnk_{'x' * 43}",
    "shopper": "http://card.localhost:8080/",
}


@pytest.mark.parametrize("links", [{}, LINKS], ids=["api", "faces"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 40), (110, 39), (120, 40), (140, 39)])
def test_the_page_fits_its_terminal(width: int, height: int, links: dict[str, str]) -> None:
    board = Board()
    board.show_links(links)
    view = View(board, TokyoScenario(once=False))
    board.show_card = lambda: CARD_CODE
    board.count("fixes", 123_456)
    board.open_at("http://127.0.0.1:48080")
    for number in range(100):
        board.tell("Sato Yui", "渋谷東口店", f"steps in: 本日の一杯 {number}")
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(view.draw(width, height))
    lines = console.export_text().splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    assert any("http://127.0.0.1:48080/docs" in line for line in lines)
    assert any("123,456 fixes" in line and "redemptions" in line for line in lines)
    last = next(line for line in lines if "本日の一杯 99" in line)
    assert not any("本日の一杯 2 " in line for line in lines)
    # The card's code can be scanned, or it is left out: half a code is none.
    code_rows = [line for line in lines if any(block in line for block in "▀▄█")]
    assert len(code_rows) == (25 if width >= 110 else 0)
    assert ("渋谷東口店" in last) == (width in (80, 100, 140))


def test_the_tokens_to_try_it_out_are_told_with_the_address() -> None:
    told: list[Event] = []
    board = Board(on_event=told.append)
    board.credentials = {"owner": "nrns_a", "till": "nrnt_b"}
    board.open_at("http://127.0.0.1:48080")
    assert [event.what for event in told] == [
        "API docs: http://127.0.0.1:48080/docs",
        "Authorize there as owner: nrns_a",
        "Authorize there as till: nrnt_b",
    ]


def test_what_does_not_fit_together_is_found() -> None:
    names = ("duplicate_coupons", "caps_exceeded", "visits", "redemptions", "pushes_waiting")
    fine = dict.fromkeys(names, 0)
    board = Board()
    assert find_misfits(fine, 0, board) == []
    assert find_misfits(fine | {"duplicate_coupons": 2}, 0, board) == ["2 coupons exist twice"]
    assert len(find_misfits(fine | {"caps_exceeded": 1, "pushes_waiting": 1}, 3, board)) == 3
    board.count("visits")
    board.count("redemptions")
    assert len(find_misfits(fine, 0, board)) == 2


def test_a_held_port_is_for_one_demo_alone_and_its_server_can_have_it() -> None:
    with hold_port() as held, hold_port() as other:
        assert held.getsockname() != other.getsockname()
        with socket.create_server(held.getsockname()):
            pass

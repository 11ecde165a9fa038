"""Each field of a store and of a geofence travels in a chain's file, in and out."""

import csv
import io
import json
from typing import Any

import pytest

from geo.chain_rows import COLUMNS
from server.backoffice.change_store import NewStore
from server.backoffice.draw_geofence import GeofenceChange
from tests.server.backoffice.test_chains import EXPORT, send_file
from tests.support.world import Chain

# Fields that are more than one column, or go by another name there.
SPREAD = {
    "location": {"store_lat", "store_lon"},
    "store_groups": {"store_groups"},
    "circle": {"lat", "lon", "radius_m"},
}
# No value is a default, and none of one file is that of the other.
FIRST = {
    "store_name": "銀座店１Ｆ", "time_zone": "Asia/Tokyo", "store_address": "銀座４丁目",
    "store_phone": "03-1234-5678",
    "store_lat": "35.67", "store_lon": "139.76", "opening_hours": "Mo-Fr 09:00-17:00", "day_start_hour": "5",
    "store_groups": "kanto", "exit_margin_m": "30", "exit_confirm_s": "90",
    "exit_confirm_fixes": "3", "dwell_s": "240", "report_crossings": "True",
}  # fmt: skip
SECOND = {
    "store_name": "Umeda", "time_zone": "Asia/Seoul", "store_address": "Umeda 1", "store_phone": "06-1234-5678",
    "store_lat": "34.7", "store_lon": "135.5", "opening_hours": "Sa 10:00-16:00", "day_start_hour": "6",
    "store_groups": "kansai", "exit_margin_m": "40", "exit_confirm_s": "60",
    "exit_confirm_fixes": "4", "dwell_s": "180", "report_crossings": "False",
}  # fmt: skip


def triangle(lon: float, lat: float) -> str:
    ring = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.01], [lon, lat]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


FIRST_PLACES = (
    {"geofence_name": "入口Ａ", "lat": "35.67", "lon": "139.76", "radius_m": "100"},
    {"geofence_name": "裏口Ａ", "area": triangle(139.7, 35.6)},
)
SECOND_PLACES = (
    {"geofence_name": "north", "lat": "34.7", "lon": "135.5", "radius_m": "80"},
    {"geofence_name": "south", "area": triangle(135.5, 34.7)},
)


@pytest.mark.parametrize(("fields", "prefix"), [(NewStore, "store_"), (GeofenceChange, "geofence_")])
def test_every_field_that_staff_write_has_a_column(fields: Any, prefix: str) -> None:
    for name in fields.__struct_fields__:
        assert SPREAD.get(name, set()) <= set(COLUMNS)
        assert name in SPREAD or {name, prefix + name} & set(COLUMNS), f"{name} is in no chain's file"


async def test_every_column_comes_in_new_and_as_a_change_and_goes_out(chain: Chain) -> None:
    first = await bring(chain, FIRST, FIRST_PLACES, ["", ""])
    ids = [row["geofence_id"] for row in first]
    second = await bring(chain, SECOND, SECOND_PLACES, ids)
    filled = {name for row in (*first, *second) for name, cell in row.items() if cell}
    assert filled == set(COLUMNS)
    same = {name for a, b in zip(first, second, strict=True) for name in a if a[name] == b[name] != ""}
    assert same == {"store_code", "geofence_id"}, "a change of these was lost"
    again = await bring(chain, FIRST, FIRST_PLACES, ids)
    assert again == first
    sent = FIRST | FIRST_PLACES[0]
    plain = set(sent) - {"opening_hours", "exit_margin_m", "exit_confirm_s", "dwell_s", "radius_m"}
    assert {name: first[0][name] for name in plain} == {name: sent[name] for name in plain}


async def bring(
    chain: Chain, values: dict[str, str], places: tuple[dict[str, str], ...], ids: list[str]
) -> list[dict[str, str]]:
    """What the chain's file says after a file with these values, a row a geofence, in the order of `places`."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for place, geofence_id in zip(places, ids, strict=True):
        writer.writerow({"store_code": "one", "geofence_id": geofence_id} | values | place)
    answer = await send_file(chain.owner, file.getvalue().encode(), "text/csv")
    assert answer.status_code == 200, answer.text
    exported = await chain.owner.get(EXPORT, format="csv")
    rows = list(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig"))))
    return sorted(rows, key=lambda row: bool(row["area"]))

"""`import_chain`: a chain's file to stores and geofences, in one transaction with one version, or not at all.

A store is known by its code; a geofence by its id, else by its name at its store. What a row does not say stays as it
is. What a row does not change is not written, so nobody who stands in such a fence is disturbed.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from coupons.campaigns.store_groups_repository import settle_store_groups
from geo import geofences_repository
from geo.chain_rows import BadRow, FileNotes, ParsedRow
from geo.geofence import Fence
from geo.warnings import find_overlaps, find_small
from ids import GeofenceId, ProgramId, StoreId
from kit.database import Connection
from kit.ids import new_id
from programs import programs_repository, stores_repository
from programs.opening_hours import OpeningHours
from programs.opening_hours_text import read_hours_table, read_hours_text
from programs.store import Place, Store
from server.problems import Problem
from server.web.store_fields import PHONE_FAULT, find_time_zone_fault, read_phone, read_store_groups

# What stands between the groups of a store in one cell.
GROUPS_BETWEEN = "|"
_STORE_COLUMNS = (
    *("store_name", "time_zone", "store_address", "store_phone", "store_lat", "store_lon"),
    *("opening_hours", "day_start_hour", "store_groups"),
)
_FENCE_COLUMNS = ("exit_margin_m", "exit_confirm_s", "exit_confirm_fixes", "dwell_s", "report_crossings")


class ChainWarning(msgspec.Struct, frozen=True):
    """Something that was imported and may not work as it is meant to."""

    kind: Literal["small", "overlap"]
    """`small`: a radius below 100 m. `overlap`: it shares ground with another store's geofence."""
    store_code: str
    """The code of the geofence's store."""
    geofence_id: GeofenceId
    """The geofence."""
    geofence_name: str
    """What the staff call it."""
    other_store_code: str | None
    """Of an `overlap`: the code of the store whose geofence shares ground with this one."""
    detail: str
    """What that means, as a sentence for a person."""


class ImportResult(msgspec.Struct, frozen=True):
    """What an import has changed."""

    stores_created: int
    """How many stores were opened."""
    stores_changed: int
    """How many stores were changed."""
    geofences_created: int
    """How many geofences were drawn."""
    geofences_changed: int
    """How many geofences were changed."""
    unchanged: int
    """How many stores and geofences of the file were so already."""
    warnings: list[ChainWarning]
    """What was imported and may not work as it is meant to."""
    encoding: str
    """The encoding in which the file was read: `UTF-8`, `UTF-16` or `Shift_JIS`."""
    columns: dict[str, str]
    """Of a table: which of our columns each of its headings was taken for."""


class _Plan(msgspec.Struct):
    stores: dict[str, Store]
    fences: dict[GeofenceId, Fence]
    bad: list[BadRow]


async def import_chain(
    conn: Connection,
    program_id: ProgramId,
    rows: Sequence[ParsedRow],
    bad: Sequence[BadRow],
    notes: FileNotes,
    neighbours: Mapping[GeofenceId, tuple[str, Fence]],
    version: int,
    now: datetime,
) -> ImportResult:
    """`neighbours` are the program's other fences, each with its store's code, to warn of overlaps. `version` is the
    program's next fence version: its lock keeps everybody else from changing this program's fences until the commit.

    Raises Problem with all rows that are bad, those that were not even read (`bad`) among them.
    """
    codes = sorted({row.row.store_code for row in rows})
    old_stores = await stores_repository.find_stores_by_code(conn, program_id, codes)
    store_ids = [store.id for store in old_stores.values()]
    old_fences = await geofences_repository.read_geofences_of_stores(conn, program_id, store_ids)
    plan = await asyncio.to_thread(_make_plan, program_id, rows, old_stores, old_fences, now)
    if bad or plan.bad:
        raise _refuse([*bad, *plan.bad])
    known = {fence.geofence_id for fence in old_fences}
    stores, fences = await asyncio.to_thread(_changed, plan, old_stores, old_fences)
    if stores:
        store_version = await programs_repository.bump_campaign_version(conn, program_id)
        await stores_repository.write_stores(conn, program_id, stores, store_version)
        await settle_store_groups(conn, program_id, store_version)
    await geofences_repository.write_geofences(conn, program_id, fences, version, now)
    stores_created = sum(store.code not in old_stores for store in stores)
    geofences_created = sum(fence.geofence_id not in known for fence in fences)
    return ImportResult(
        stores_created,
        len(stores) - stores_created,
        geofences_created,
        len(fences) - geofences_created,
        len(plan.stores) - len(stores) + len(plan.fences) - len(fences),
        await asyncio.to_thread(_warn, plan, neighbours),
        notes.encoding,
        notes.columns,
    )


def _changed(
    plan: _Plan, old_stores: Mapping[str, Store], old_fences: Sequence[Fence]
) -> tuple[list[Store], list[Fence]]:
    known = {fence.geofence_id: fence for fence in old_fences}
    stores = [store for code, store in plan.stores.items() if store != old_stores.get(code)]
    return stores, [fence for fence in plan.fences.values() if fence != known.get(fence.geofence_id)]


def _make_plan(
    program_id: ProgramId,
    rows: Sequence[ParsedRow],
    old_stores: Mapping[str, Store],
    old_fences: Sequence[Fence],
    now: datetime,
) -> _Plan:
    """Every row is judged, so that all bad ones are named at once."""
    plan = _Plan({}, {}, [])
    told: dict[str, dict[str, Any]] = {}
    finder = _FenceFinder(old_fences)
    for row in rows:
        code = row.row.store_code
        try:
            told[code] = _agree(told.get(code, {}), row)
            plan.stores[code] = _store(program_id, code, told[code], plan.stores.get(code, old_stores.get(code)), now)
            if row.shape is not None:
                fence = _fence(row, plan.stores[code], finder.find(row, plan.stores[code].id))
                plan.fences[fence.geofence_id] = fence
        except ValueError as error:  # msgspec's too
            plan.bad.append(BadRow(row.index, str(error)))
    return plan


def _agree(told: Mapping[str, Any], row: ParsedRow) -> dict[str, Any]:
    """What the rows of a store say of it together. Raises ValueError where they contradict each other."""
    says = {name: value for name in _STORE_COLUMNS if (value := getattr(row.row, name)) is not None}
    for name, value in says.items():
        if told.get(name, value) != value:
            raise ValueError(f"Give {name} once for each store; an earlier row of this store has another one.")
    return {**told, **says}


def _store(program_id: ProgramId, code: str, told: Mapping[str, Any], old: Store | None, now: datetime) -> Store:
    """Raises ValueError."""
    if old is not None and old.closed_at is not None:
        raise ValueError("The store of this code is closed; choose another code.")
    if old is None:
        if "store_name" not in told or "time_zone" not in told:
            raise ValueError("Give store_name and time_zone in the first row of a new store.")
        old = Store(StoreId(new_id()), program_id, code, "", "", None, None, 4, now, None)
    fault = find_time_zone_fault(told.get("time_zone", "UTC"))
    if fault is not None:
        raise ValueError(fault)
    phone = old.phone
    if "store_phone" in told and (phone := read_phone(told["store_phone"])) is None:
        raise ValueError(PHONE_FAULT)
    hours = told.get("opening_hours")
    return msgspec.structs.replace(
        old,
        name=told.get("store_name", old.name),
        time_zone=told.get("time_zone", old.time_zone),
        location=Place(told["store_lat"], told["store_lon"]) if "store_lat" in told else old.location,
        opening_hours=old.opening_hours if hours is None else _read_hours(hours),
        day_start_hour=told.get("day_start_hour", old.day_start_hour),
        address=told.get("store_address", "").strip() or old.address,
        phone=phone,
        store_groups=_read_groups(told["store_groups"]) if "store_groups" in told else old.store_groups,
    )


def _read_groups(groups: str) -> tuple[str, ...]:
    """Raises ValueError."""
    read = read_store_groups(groups.split(GROUPS_BETWEEN))
    if len(read) > 20 or any(len(group) > 40 for group in read):
        raise ValueError("Give at most 20 store_groups of at most 40 characters each.")
    return read


def _read_hours(hours: str | dict[str, Any]) -> OpeningHours:
    """Raises ValueError."""
    return read_hours_text(hours) if isinstance(hours, str) else read_hours_table(hours)


class _FenceFinder:
    """Which geofence a row is about."""

    def __init__(self, fences: Sequence[Fence]) -> None:
        self._by_id = {fence.geofence_id: fence for fence in fences}
        self._by_name = {(fence.store_id, fence.name): fence for fence in fences}
        self._namesakes = Counter((fence.store_id, fence.name) for fence in fences)
        self._taken: set[GeofenceId | tuple[StoreId, str]] = set()

    def find(self, row: ParsedRow, store_id: StoreId) -> Fence | None:
        """None for a new one. Raises ValueError."""
        geofence_id, name = row.row.geofence_id, (store_id, str(row.row.geofence_name))
        if geofence_id is None and self._namesakes[name] > 1:
            raise ValueError("Several geofences of this store have this name; say which by geofence_id.")
        found = self._by_name.get(name) if geofence_id is None else self._by_id.get(geofence_id)
        if geofence_id is not None and (found is None or found.store_id != store_id):
            raise ValueError("This store has no geofence of this id; leave geofence_id out to draw a new one.")
        key = name if found is None else found.geofence_id
        if key in self._taken:
            raise ValueError("An earlier row is about the same geofence.")
        self._taken.add(key)
        return found


def _fence(row: ParsedRow, store: Store, old: Fence | None) -> Fence:
    assert row.shape is not None
    name = str(row.row.geofence_name)
    if old is None:
        old = Fence(GeofenceId(new_id()), store.program_id, store.id, name, row.shape, row.radius_m)
    settings = {column: value for column in _FENCE_COLUMNS if (value := getattr(row.row, column)) is not None}
    return msgspec.structs.replace(old, name=name, shape=row.shape, radius_m=row.radius_m, **settings)


def _refuse(bad: Sequence[BadRow]) -> Problem:
    rows = sorted(bad, key=lambda each: each.index)
    return Problem(
        "invalid-rows",
        f"Nothing was imported. Mend the rows listed in rows ({len(rows)} of them) and send the file again.",
        rows=[{"index": each.index, "reason": each.reason} for each in rows],
    )


def _warn(plan: _Plan, neighbours: Mapping[GeofenceId, tuple[str, Fence]]) -> list[ChainWarning]:
    codes = {store.id: store.code for store in plan.stores.values()}
    codes |= {fence.store_id: code for code, fence in neighbours.values()}
    fences = list(plan.fences.values())
    others = [fence for key, (_, fence) in neighbours.items() if key not in plan.fences]
    small = "Its radius is below 100 m: a phone that knows its place to 50 m, as indoors, may miss it."
    warnings = [
        ChainWarning("small", codes[fence.store_id], fence.geofence_id, fence.name, None, small)
        for fence in find_small(fences)
    ]
    for fence, other in find_overlaps(fences, others):
        code, own = codes[other.store_id], codes[fence.store_id]
        detail = f"It shares ground with {other.name!r} of {code}: who stands there is in both."
        warnings.append(ChainWarning("overlap", own, fence.geofence_id, fence.name, code, detail))
    return warnings

"""The open stores that a process keeps in memory, as arrays under a few changes. Pure.

A million objects take four times what their columns take; an `OpenStore` is made anew when somebody asks for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from ids import StoreId
from kit.arrays import IdOrder, Ids, Mask, Shorts, Texts, join_ids, join_texts, renumber
from kit.binary_copy import Page
from kit.steps import Steps, run_through
from programs.opening_hours import OpeningHours
from programs.store import OpenStore

MAX_OVERLAY_SIZE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreColumns:
    """A row a store. `zone_of` and `hours_of` are positions in `zones` and `hours`, of which there are few.

    A zone is its IANA name; hours are JSON, and empty where the store is always open.
    """

    ids: Ids
    codes: Texts
    names: Texts
    zones: tuple[bytes, ...]
    zone_of: Shorts
    hours: tuple[bytes, ...]
    hours_of: Shorts
    day_start_hours: NDArray[np.int16]

    @classmethod
    def of(cls, stores: Mapping[StoreId, OpenStore]) -> "StoreColumns":
        zones: dict[bytes, int] = {}
        hours: dict[bytes, int] = {}
        listed = list(stores.values())
        zone_of = [zones.setdefault(each.time_zone.key.encode(), len(zones)) for each in listed]
        hours_of = [hours.setdefault(_encode_hours(each.opening_hours), len(hours)) for each in listed]
        return cls(
            ids=Ids.of(list(stores)),
            codes=Texts.of([each.code for each in listed]),
            names=Texts.of([each.name for each in listed]),
            zones=tuple(zones),
            zone_of=np.array(zone_of, np.int32),
            hours=tuple(hours),
            hours_of=np.array(hours_of, np.int32),
            day_start_hours=np.array([each.day_start_hour for each in listed], np.int16),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def store(self, position: int) -> OpenStore:
        return OpenStore(
            self.codes[position],
            self.names[position],
            ZoneInfo(self.zones[self.zone_of[position]].decode()),
            _decode_hours(self.hours[self.hours_of[position]]),
            int(self.day_start_hours[position]),
        )


def read_stores(page: Page) -> StoreColumns:
    """What the query `copy_open_stores` copies out."""
    (ids, day_start_hours), (codes, names, zones, hours) = page.read(("uuid", "int2"), 4)
    known_zones: dict[bytes, int] = {}
    known_hours: dict[bytes, int] = {}
    zone_of = [known_zones.setdefault(zone, len(known_zones)) for zone in zones.pieces()]
    hours_of = [known_hours.setdefault(week, len(known_hours)) for week in hours.pieces()]
    return StoreColumns(
        ids=Ids.of_octets(ids),
        codes=codes.texts(),
        names=names.texts(),
        zones=tuple(known_zones),
        zone_of=np.array(zone_of, np.int32),
        hours=tuple(known_hours),
        hours_of=np.array(hours_of, np.int32),
        day_start_hours=day_start_hours,
    )


def join_columns(parts: Sequence[StoreColumns]) -> StoreColumns:
    """All rows of each part, one after another."""
    return run_through(join_in_steps([(part, np.ones(len(part), np.bool_)) for part in parts]))


def join_in_steps(parts: Sequence[tuple[StoreColumns, Mask]]) -> Steps[StoreColumns]:
    """The rows of each part that are kept, one after another."""
    zones: dict[bytes, int] = {}
    hours: dict[bytes, int] = {}
    zone_of = [renumber(part.zones, part.zone_of[kept], zones) for part, kept in parts]
    hours_of = [renumber(part.hours, part.hours_of[kept], hours) for part, kept in parts]
    yield
    ids = join_ids([part.ids.keep(kept) for part, kept in parts])
    yield
    codes = join_texts([part.codes.keep(kept) for part, kept in parts])
    yield
    names = join_texts([part.names.keep(kept) for part, kept in parts])
    yield
    return StoreColumns(
        ids=ids,
        codes=codes,
        names=names,
        zones=tuple(zones),
        zone_of=np.concatenate(zone_of),
        hours=tuple(hours),
        hours_of=np.concatenate(hours_of),
        day_start_hours=np.concatenate([part.day_start_hours[kept] for part, kept in parts]),
    )


class OpenStores(Mapping[StoreId, OpenStore]):
    """Immutable: columns that are shared, under a few changes; None stands for what was removed."""

    __slots__ = ("_by_id", "_changes", "columns")

    def __init__(
        self,
        columns: StoreColumns,
        by_id: IdOrder | None = None,
        changes: Mapping[StoreId, OpenStore | None] | None = None,
    ) -> None:
        self.columns = columns
        self._by_id = IdOrder.of(columns.ids) if by_id is None else by_id
        self._changes: Mapping[StoreId, OpenStore | None] = changes or {}

    def __getitem__(self, store_id: StoreId) -> OpenStore:
        if store_id in self._changes:
            store = self._changes[store_id]
        else:
            position = self._by_id.find(store_id)
            store = None if position is None else self.columns.store(position)
        if store is None:
            raise KeyError(store_id)
        return store

    def __iter__(self) -> Iterator[StoreId]:
        ids = (StoreId(self.columns.ids[n]) for n in range(len(self.columns)))
        yield from (store_id for store_id in ids if store_id not in self._changes)
        yield from (store_id for store_id, store in self._changes.items() if store is not None)

    def __len__(self) -> int:
        hidden = sum(self._by_id.find(store_id) is not None for store_id in self._changes)
        return len(self.columns) - hidden + sum(store is not None for store in self._changes.values())

    def change_in_steps(self, changes: Mapping[StoreId, OpenStore | None]) -> Steps["OpenStores"]:
        """The same with some stores put in, and those removed that stand with None."""
        all_changes = {**self._changes, **changes}
        if len(all_changes) <= MAX_OVERLAY_SIZE:
            return OpenStores(self.columns, self._by_id, all_changes)
        stays = np.ones(len(self.columns), np.bool_)
        positions = [self._by_id.find(store_id) for store_id in all_changes]
        stays[[position for position in positions if position is not None]] = False
        yield
        drawn = StoreColumns.of({key: store for key, store in all_changes.items() if store is not None})
        yield
        columns = yield from join_in_steps([(self.columns, stays), (drawn, np.ones(len(drawn), np.bool_))])
        return OpenStores(columns)


def _encode_hours(hours: OpeningHours | None) -> bytes:
    return b"" if hours is None else msgspec.json.encode(hours)


@lru_cache(4096)
def _decode_hours(hours: bytes) -> OpeningHours | None:
    """A chain's shops have few different weeks, and each takes two kilobytes."""
    return msgspec.json.decode(hours, type=OpeningHours) if hours else None

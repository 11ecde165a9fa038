"""All that is known of many fences, as arrays: a fifth of the memory of as many objects. Pure.

A `Fence` is made anew when somebody asks for one (`FenceColumns.fence`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.bounding_circles import make_bounding_circles
from geo.drawings import Drawings, join_drawings
from geo.geofence import Area, Circle, Fence, Policy
from ids import GeofenceId, ProgramId, StoreId
from kit.arrays import Floats, Ids, Mask, Positions, Shorts, Texts, join_ids, join_texts, renumber
from kit.steps import Steps, run_through


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceColumns:
    """A row a fence. `program_of` and `policy_of` are positions in `programs` and `policies`.

    `circles` are (lat, lon, radius_m): of a fence that is a circle, itself; of an area, one around it. `area_of` is the
    position of its drawing, and -1 for a circle. `radii_m` are as `Fence.radius_m`.
    """

    ids: Ids
    stores: Ids
    programs: tuple[ProgramId, ...]
    program_of: Shorts
    policies: tuple[Policy, ...]
    policy_of: Shorts
    names: Texts
    radii_m: Floats
    circles: Floats
    area_of: Shorts
    drawings: Drawings

    @classmethod
    def of(cls, fences: Sequence[Fence]) -> "FenceColumns":
        programs: dict[ProgramId, int] = {}
        policies: dict[Policy, int] = {}
        shapes = [fence.shape for fence in fences]
        drawn = np.array([isinstance(shape, Area) for shape in shapes], np.bool_)
        areas = np.empty(int(drawn.sum()), object)
        areas[:] = [shape.polygons for shape in shapes if isinstance(shape, Area)]
        plain = [(c.lat, c.lon, c.radius_m) for c in shapes if isinstance(c, Circle)]
        drawings = Drawings.of(areas)
        return cls(
            ids=Ids.of([fence.geofence_id for fence in fences]),
            stores=Ids.of([fence.store_id for fence in fences]),
            program_of=np.array([programs.setdefault(fence.program_id, len(programs)) for fence in fences], np.int32),
            programs=tuple(programs),
            policy_of=np.array([policies.setdefault(_policy(fence), len(policies)) for fence in fences], np.int32),
            policies=tuple(policies),
            names=Texts.of([fence.name for fence in fences]),
            radii_m=np.array([fence.radius_m for fence in fences], np.float64),
            circles=circle_all(drawn, np.array(plain, np.float64).reshape(-1, 3), drawings),
            area_of=number_areas(drawn),
            drawings=drawings,
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def reports_crossings(self) -> Mask:
        telling: Mask = np.array([policy.report_crossings for policy in self.policies], np.bool_)[self.policy_of]
        return telling

    def fence(self, position: int) -> Fence:
        area = int(self.area_of[position])
        shape = Circle(*self.circles[position].tolist()) if area < 0 else Area(self.drawings.geometry(area))
        return Fence(
            GeofenceId(self.ids[position]),
            self.programs[self.program_of[position]],
            StoreId(self.stores[position]),
            self.names[position],
            shape,
            float(self.radii_m[position]),
            *self.policies[self.policy_of[position]],
        )

    def list_of(self, program_id: ProgramId, kept: Mask) -> Positions:
        """The positions of the program's rows among those that are kept."""
        if program_id not in self.programs:
            return np.empty(0, np.int64)
        return np.flatnonzero(kept & (self.program_of == self.programs.index(program_id)))

    def keep(self, kept: Mask) -> "FenceColumns":
        """Those rows only, in their order."""
        return run_through(join_in_steps([(self, kept)]))


def join_columns(parts: Sequence[FenceColumns]) -> FenceColumns:
    """All rows of each part, one after another."""
    return run_through(join_in_steps([(part, np.ones(len(part), np.bool_)) for part in parts]))


def join_in_steps(parts: Sequence[tuple[FenceColumns, Mask]]) -> Steps[FenceColumns]:
    """The rows of each part that are kept, one after another.

    Column by column, so that hardly more than the result is held besides.
    """
    programs: dict[ProgramId, int] = {}
    policies: dict[Policy, int] = {}
    program_of = [renumber(part.programs, part.program_of[kept], programs) for part, kept in parts]
    policy_of = [renumber(part.policies, part.policy_of[kept], policies) for part, kept in parts]
    yield
    ids = join_ids([part.ids.keep(kept) for part, kept in parts])
    yield
    stores = join_ids([part.stores.keep(kept) for part, kept in parts])
    yield
    names = join_texts([part.names.keep(kept) for part, kept in parts])
    yield
    # Of rows of several numbers numpy takes some by their positions much quicker than by a mask.
    circles = np.concatenate([part.circles.take(kept.nonzero()[0], axis=0) for part, kept in parts])
    radii_m = np.concatenate([part.radii_m[kept] for part, kept in parts])
    yield
    drawn = [part.area_of >= 0 for part, _ in parts]
    kept_drawings = [part.drawings.keep(kept[is_area]) for (part, kept), is_area in zip(parts, drawn, strict=True)]
    yield
    drawings = join_drawings(kept_drawings)
    del kept_drawings
    yield
    return FenceColumns(
        ids=ids,
        stores=stores,
        programs=tuple(programs),
        program_of=np.concatenate(program_of),
        policies=tuple(policies),
        policy_of=np.concatenate(policy_of),
        names=names,
        radii_m=radii_m,
        circles=circles,
        area_of=number_areas(np.concatenate([is_area[kept] for (_, kept), is_area in zip(parts, drawn, strict=True)])),
        drawings=drawings,
    )


def circle_all(drawn: Mask, plain: Floats, drawings: Drawings) -> Floats:
    """(lat, lon, radius_m) of each fence: of those that are no areas as they are, of each area one around it."""
    circles = np.empty((len(drawn), 3))
    circles[~drawn] = plain
    circles[drawn] = make_bounding_circles(drawings.bounds(), drawings.areas)
    return circles


def number_areas(drawn: Mask) -> Shorts:
    """The drawings stand in the order of the fences."""
    return np.where(drawn, np.cumsum(drawn) - 1, -1).astype(np.int32)


def _policy(fence: Fence) -> Policy:
    return Policy(
        fence.exit_margin_m, fence.exit_confirm_s, fence.exit_confirm_fixes, fence.dwell_s, fence.report_crossings
    )

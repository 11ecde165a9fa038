"""Makes the machine code of the kernels ready before the first fix comes. Pure.

What numba has kept is read in half a second; what it has not, it compiles in some ten. Either would hold up whoever
sent that fix, and everybody behind them.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import shapely

from geo.fix import Fix
from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex
from geo.overlay import OverlaidFences
from geo.presence import Presence
from geo.upload import Upload
from geo.uploads import apply_uploads
from ids import GeofenceId, ProgramId, StoreId

_PROGRAM_ID = ProgramId(UUID(int=1))
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SQUARE = shapely.box(139.699, 34.999, 139.701, 35.001)


def warm_up() -> None:
    """Call every kernel with all that a server hands to it: somebody walks in, is driven off and comes to the door."""
    shapes: list[Circle | Area] = [Circle(35.0, 139.7, 100.0), Area(shapely.MultiPolygon([_SQUARE]))]
    fences = OverlaidFences.over(FenceIndex.build([_fence(number, shape) for number, shape in enumerate(shapes)]))
    fences.find_touching(_PROGRAM_ID, [(139.6, 34.9, 139.8, 35.1)])
    norths = 0.0, 0.0, 0.001, 0.002, 0.1, 0.0, 0.00095
    times = [_NOON + timedelta(minutes=10 * number) for number in range(len(norths))]
    fixes = [Fix(35.0 + north, 139.7, 10.0, at) for north, at in zip(norths, times, strict=True)]
    near = _apply(fences, Presence.nowhere(), fixes)
    _apply(fences, near, [_later(fixes[0])])
    # What comes with a fix that an app made up is looked at fix by fix.
    made_up = msgspec.structs.replace(_later(fixes[6]), mocked=True)
    _apply(fences, near, [_later(fixes[3]), _later(fixes[5]), made_up])


def _fence(number: int, shape: Circle | Area) -> Fence:
    return Fence(GeofenceId(UUID(int=number)), _PROGRAM_ID, StoreId(UUID(int=number)), "", shape, 100.0)


def _later(fix: Fix) -> Fix:
    return msgspec.structs.replace(fix, recorded_at=fix.recorded_at + timedelta(hours=2))


def _apply(fences: OverlaidFences, presence: Presence, fixes: list[Fix]) -> Presence:
    upload = Upload(program_id=_PROGRAM_ID, presence=presence, fixes=fixes, received_at=fixes[-1].recorded_at)
    return apply_uploads(fences, [upload])[0].presence

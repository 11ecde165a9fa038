"""Uploads of many devices at once: matched together, each applied to its device's presence. Pure.

A batch goes through in columns: which fences hold which fixes is found for all of them at once. Then the plain uploads
are followed along their runs inside and gaps outside, again all at once (geo.plain_uploads), and the others fix by fix
(geo.fix_by_fix). Both ways come to the same; the first one costs half.

An upload is plain where nothing but its fixes and the fences count, and every fix for itself:

    its times rise, no fix is late, ahead of our clock or mocked, and none came with a region event
    no fix is a jump, and none is held as a suspect
    each fix that lies in a fence is good enough to say so
    none of its steps crosses a fence that reports crossings
"""

from collections.abc import Sequence

import numpy as np

from geo.columns import Columns, read_columns
from geo.fix import Fix, RegionEventFix
from geo.fix_by_fix import apply_fixes
from geo.index import FenceSet
from geo.jumps import is_jump
from geo.kernels.sifting import find_far_steps, find_rising
from geo.matching import make_fence_matches
from geo.observations import ENTER_ACCURACY_M, shows_inside
from geo.ordering import FUTURE_TOLERANCE
from geo.plain_uploads import apply_plain_uploads
from geo.region_events import apply_region_events
from geo.transitions import PresenceUpdate
from geo.upload import Upload
from kit.arrays import Positions


def apply_uploads(fences: FenceSet, uploads: Sequence[Upload]) -> list[PresenceUpdate]:
    """One update an upload, in order. The uploads are of different devices."""
    columns = read_columns([upload.fixes for upload in uploads])
    program_ids, counts = [upload.program_id for upload in uploads], [len(upload.fixes) for upload in uploads]
    rows, positions = fences.find_containing(program_ids, counts, columns.arrays.lats, columns.arrays.lons)
    awkward = _find_awkward(fences, uploads, columns, rows, positions)
    updates: dict[int, PresenceUpdate] = {}
    if len(awkward) < len(uploads):
        plain = {number: upload for number, upload in enumerate(uploads) if number not in awkward}
        of_plain = np.isin(columns.arrays.upload_of(rows), list(awkward), invert=True) if awkward else np.s_[:]
        updates = apply_plain_uploads(fences, columns, plain, rows[of_plain], positions[of_plain])
    if awkward:
        cuts = np.searchsorted(rows, [*columns.starts, len(columns.fixes)]).tolist()
        points, held = rows.tolist(), positions.tolist()
        for number in awkward:
            own, start = slice(cuts[number], cuts[number + 1]), columns.starts[number]
            own_points = [point - start for point in points[own]]
            updates[number] = _apply_awkward(fences, uploads[number], own_points, held[own])
    return [updates[number] for number in range(len(uploads))]


def _find_awkward(
    fences: FenceSet, uploads: Sequence[Upload], columns: Columns, rows: Positions, positions: Positions
) -> set[int]:
    """The uploads that are not plain."""
    far = find_far_steps(columns.arrays).tolist()
    awkward = _find_jumps(columns, far) | _find_inaccurate(fences, columns, rows, positions)
    awkward |= _find_crossings(uploads, columns, far)
    rises = find_rising(columns.arrays).tolist()
    awkward |= {
        number for number, upload in enumerate(uploads) if not (rises[number] and upload.fixes and _is_simple(upload))
    }
    return awkward


def _find_jumps(columns: Columns, far: Sequence[int]) -> set[int]:
    """The uploads in which a fix is a jump from the one before."""
    fixes = columns.fixes
    jumps = [row for row in far if is_jump(fixes[row - 1], fixes[row])]
    return set(columns.arrays.upload_of(jumps).tolist())


def _find_crossings(uploads: Sequence[Upload], columns: Columns, far: Sequence[int]) -> set[int]:
    """The uploads in which a step crosses a fence that reports it."""
    if all(upload.crossable is None for upload in uploads):
        return set()
    crossing = {number for number, upload in enumerate(uploads) if _crosses(upload, upload.presence.last_fix, 0)}
    for row, number in zip(far, columns.arrays.upload_of(far).tolist(), strict=True):
        at = row - columns.starts[number]
        if number not in crossing and _crosses(uploads[number], columns.fixes[row - 1], at):
            crossing.add(number)
    return crossing


def _crosses(upload: Upload, start: Fix | None, at: int) -> bool:
    """Whether the step from there to its fix `at` crosses a fence."""
    if upload.crossable is None or start is None or not upload.fixes:
        return False
    return bool(upload.crossable.find(start, upload.fixes[at], upload.presence.watermark))


def _find_inaccurate(fences: FenceSet, columns: Columns, rows: Positions, positions: Positions) -> set[int]:
    """The uploads in which a fix lies in a fence and is not good enough to say so."""
    doubtful = (columns.arrays.accuracies_m[rows] > ENTER_ACCURACY_M).nonzero()[0]
    pairs = zip(rows[doubtful].tolist(), positions[doubtful].tolist(), strict=True)
    unclear = [row for row, position in pairs if not shows_inside(fences.fences[position], columns.fixes[row])]
    return set(columns.arrays.upload_of(unclear).tolist())


def _is_simple(upload: Upload) -> bool:
    """Whether nothing but the times, jumps within the upload and inaccurate fixes may keep it from being plain."""
    presence, fixes = upload.presence, upload.fixes
    return (
        presence.suspect is None
        and (presence.watermark is None or fixes[0].recorded_at > presence.watermark)
        and fixes[-1].recorded_at <= upload.received_at + FUTURE_TOLERANCE
        and True not in [fix.mocked for fix in fixes]
        and not (RegionEventFix in set(map(type, fixes)) and any(map(_has_event, fixes)))
        and not is_jump(presence.last_fix, fixes[0])
    )


def _apply_awkward(fences: FenceSet, upload: Upload, points: Sequence[int], positions: Sequence[int]) -> PresenceUpdate:
    matches = make_fence_matches(fences, upload.fixes, points, positions)
    fence_matches = apply_region_events(upload.program_id, matches, fences)
    return apply_fixes(
        *(upload.presence, fence_matches, fences.get, upload.received_at, upload.crossable, upload.minutes_of)
    )


def _has_event(fix: Fix) -> bool:
    return isinstance(fix, RegionEventFix) and fix.region_event is not None

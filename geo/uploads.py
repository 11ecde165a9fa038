"""Uploads of many devices at once: matched together, each applied to its device's presence. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from geo.crossings import CrossableFences
from geo.fix import Fix
from geo.index import FenceSet
from geo.long_stays import MinutesOf
from geo.matching import match_fences
from geo.presence import Presence
from geo.region_events import apply_region_events
from geo.transitions import PresenceUpdate, apply_fixes
from ids import ProgramId


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """Fixes of one device, in any order. `crossable` and `minutes_of` as in `geo.transitions.apply_fixes`."""

    program_id: ProgramId
    presence: Presence
    fixes: Sequence[Fix]
    received_at: datetime
    crossable: CrossableFences | None = None
    minutes_of: MinutesOf | None = None


def apply_uploads(fences: FenceSet, uploads: Sequence[Upload]) -> list[PresenceUpdate]:
    """One update an upload, in order. The uploads are of different devices."""
    matches = match_fences(fences, [(upload.program_id, upload.fixes) for upload in uploads])
    return [
        apply_fixes(
            upload.presence,
            apply_region_events(upload.program_id, fence_matches, fences),
            fences.get,
            upload.received_at,
            upload.crossable,
            upload.minutes_of,
        )
        for upload, fence_matches in zip(uploads, matches, strict=True)
    ]

"""Uploads of a phone to a real server, and the plain model of what they must have caused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import msgspec

from geo.fix import Fix
from geo.fix_by_fix import apply_fixes
from geo.index import FenceIndex
from geo.matching import match_fences
from geo.presence import Presence
from geo.transition import Transition
from ids import GeofenceId
from tests.support.shop import Shop, Shopper

Seen = tuple[str, GeofenceId, datetime, str]


@dataclass(frozen=True)
class Upload:
    shopper: Shopper
    fixes: Sequence[Fix]

    @property
    def newest(self) -> datetime:
        return max(fix.recorded_at for fix in self.fixes)


@dataclass(frozen=True)
class Sent:
    """What became of an upload. `receipt` None: the server never answered, or not with a 200."""

    upload: Upload
    status: int | None
    receipt: dict[str, Any] | None


async def send(client: httpx.AsyncClient, upload: Upload) -> Sent:
    body = msgspec.json.encode({"fixes": upload.fixes})
    headers = {"Authorization": f"Bearer {upload.shopper.token}", "Content-Type": "application/json"}
    try:
        response = await client.post("/v1/locations", content=body, headers=headers)
    except httpx.TransportError:
        return Sent(upload, None, None)
    return Sent(upload, response.status_code, response.json() if response.status_code == 200 else None)


def expected_transitions(shop: Shop, winners: Sequence[Upload], received_at: datetime) -> list[Seen]:
    """What one process alone makes of one device's uploads that were accepted at least in part.

    An upload that is accepted has the newest fix so far, so the order of the newest fixes is the order of the writes.
    """
    index = FenceIndex.build(shop.fences)
    presence = Presence.nowhere()
    seen: list[Transition] = []
    for upload in sorted(winners, key=lambda each: each.newest):
        (fence_matches,) = match_fences(index, [(shop.program.id, upload.fixes)])
        advanced = apply_fixes(presence, fence_matches, index.get, received_at)
        presence = advanced.presence
        seen.extend(advanced.transitions)
    return sorted((t.kind, t.geofence_id, t.event_at, t.cause) for t in seen)


def seen_transitions(rows: Sequence[asyncpg.Record], shopper: Shopper) -> list[Seen]:
    own = [row for row in rows if row["device_id"] == shopper.device_id]
    return sorted((row["kind"], row["geofence_id"], row["event_at"], row["cause"]) for row in own)

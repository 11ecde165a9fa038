"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import FIX, Example

EXAMPLES: Mapping[str, Example] = {
    "findNearestGeofences": Example(request={"fix": FIX}),
    "uploadLocations": Example(request={"fixes": [FIX]}),
    "uploadFromTransistorsoft": Example(
        request={
            "location": {
                "timestamp": "2026-11-21T09:00:00.123Z",
                "coords": {"latitude": 35.6896, "longitude": 139.7006, "accuracy": 12.5},
            }
        }
    ),
    "uploadFromOwnTracks": Example(
        request={
            "_type": "location",
            "lat": 35.6896,
            "lon": 139.7006,
            "acc": 12,
            "tst": 1_795_251_600,
        }
    ),
}

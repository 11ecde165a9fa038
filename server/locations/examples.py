"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import FIX, GEOFENCE_ID, Example

_RESULT = {
    "accepted": 1,
    "late": 0,
    "future": 0,
    "mocked": 0,
    "no_consent": 0,
    "refused": [],
    "coupons": [],
}

EXAMPLES: Mapping[str, Example] = {
    "uploadLocations": Example(
        request={"fixes": [FIX]},
        answer=_RESULT,
    ),
    "uploadFromTransistorsoft": Example(
        request={
            "location": {
                "timestamp": "2026-11-21T09:00:00.123Z",
                "coords": {"latitude": 35.6896, "longitude": 139.7006, "accuracy": 12.5},
            }
        },
        answer=_RESULT,
    ),
    "uploadFromOwnTracks": Example(
        request={"_type": "location", "lat": 35.6896, "lon": 139.7006, "acc": 12, "tst": 1_795_251_600},
        answer=[
            {
                "_type": "cmd",
                "action": "setWaypoints",
                "waypoints": {
                    "_type": "waypoints",
                    "waypoints": [
                        {
                            "_type": "waypoint",
                            "desc": "Front door",
                            "lat": 35.6896,
                            "lon": 139.7006,
                            "rad": 100,
                            "tst": 1_760_000_000,
                            "rid": GEOFENCE_ID,
                        }
                    ],
                },
            }
        ],
    ),
    "findNearestGeofences": Example(
        request={"fix": FIX},
        answer={
            "regions": [
                {"geofence_id": GEOFENCE_ID, "name": "Front door", "lat": 35.6896, "lon": 139.7006, "radius_m": 80}
            ],
            "refresh": {"lat": 35.6896, "lon": 139.7006, "radius_m": 4200},
        },
    ),
}

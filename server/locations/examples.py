"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import COUPON_ID, FIX, GEOFENCE_ID, Example

_LAT, _LON = FIX["lat"], FIX["lon"]
_RESULT = {
    "accepted": 1,
    "late": 0,
    "future": 0,
    "mocked": 0,
    "no_consent": 0,
    "refused": [],
    "coupons": [COUPON_ID],
}

EXAMPLES: Mapping[str, Example] = {
    "findNearestGeofences": Example(
        request={"fix": FIX},
        answer={
            "regions": [
                {"geofence_id": GEOFENCE_ID, "name": "Front entrance", "lat": _LAT, "lon": _LON, "radius_m": 100.0}
            ],
            "refresh": {"lat": _LAT, "lon": _LON, "radius_m": 1460.2},
        },
    ),
    "uploadLocations": Example(request={"fixes": [FIX]}, answer=_RESULT),
    "uploadFromTransistorsoft": Example(
        request={
            "location": [
                {
                    "timestamp": "2026-11-21T09:00:00.123Z",
                    "coords": {"latitude": _LAT, "longitude": _LON, "accuracy": 12.5},
                    "geofence": {"identifier": GEOFENCE_ID, "action": "ENTER"},
                }
            ]
        },
        answer=_RESULT,
    ),
    "uploadFromOwnTracks": Example(
        request={"_type": "location", "lat": _LAT, "lon": _LON, "acc": 12, "tst": 1_795_251_600},
        answer=[
            {
                "_type": "cmd",
                "action": "setWaypoints",
                "waypoints": {
                    "_type": "waypoints",
                    "waypoints": [
                        {
                            "_type": "waypoint",
                            "desc": "Noren",
                            "lat": _LAT,
                            "lon": _LON,
                            "rad": 1460,
                            "tst": 1_000_000_000,
                            "rid": "noren-refresh",
                        },
                        {
                            "_type": "waypoint",
                            "desc": f"Front entrance #{GEOFENCE_ID[-6:]}",
                            "lat": _LAT,
                            "lon": _LON,
                            "rad": 80,
                            "tst": 1_000_000_001,
                            "rid": GEOFENCE_ID,
                        },
                    ],
                },
            }
        ],
    ),
}

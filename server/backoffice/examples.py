"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import STORE_ID, Example

_STORE = {
    "name": "Kissa Sakura Shinjuku",
    "time_zone": "Asia/Tokyo",
    "location": {"lat": 35.6896, "lon": 139.7006},
    "opening_hours": {"mon": [["07:30", "22:00"]], "fri": [["07:30", "14:00"], ["17:00", "02:00"]]},
    "day_start_hour": 4,
}
_GEOFENCE = {"name": "Front door", "circle": {"lat": 35.6896, "lon": 139.7006, "radius_m": 80}}
_FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [139.7671, 35.6812]},
    "properties": {
        "store_code": "tokyo-1",
        "store_name": "Kissa Sakura Tokyo",
        "time_zone": "Asia/Tokyo",
        "geofence_name": "Front door",
        "radius_m": 100,
    },
}

EXAMPLES: Mapping[str, Example] = {
    "logIn": Example(
        request={
            "program": "kissa-sakura",
            "email": "owner@example.com",
            "password": "a long sentence is a good password",
        }
    ),
    "changePassword": Example(
        request={
            "current": "a long sentence is a good password",
            "new": "a longer sentence is a better one",
        }
    ),
    "resetStaffPassword": Example(request={"password": "a first sentence to log in with"}),
    "updateProgram": Example(request={"name": "Kissa Sakura", "default_locale": "ja"}),
    "createStaffMember": Example(
        request={
            "email": "shinjuku@example.com",
            "name": "Sato Yui",
            "password": "another long sentence to type",
            "role": "store_manager",
            "store_ids": [STORE_ID],
        }
    ),
    "updateStaffMember": Example(request={"name": "Sato Yui", "role": "store_manager", "store_ids": [STORE_ID]}),
    "createStore": Example(request={"code": "shinjuku-1", **_STORE}),
    "updateStore": Example(request=_STORE),
    "createGeofence": Example(request={"store_id": STORE_ID, **_GEOFENCE}),
    "importGeofences": Example(request={"type": "FeatureCollection", "features": [_FEATURE]}),
    "updateGeofence": Example(request=_GEOFENCE),
    "createTill": Example(request={"store_id": STORE_ID, "name": "Till 1"}),
}

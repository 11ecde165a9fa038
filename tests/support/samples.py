"""Bodies that are good as they are, and the places that they speak of."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from coupons.campaigns.triggers import TRIGGERS
from ids import StoreId

Json = dict[str, Any]

DOOR = {"lat": 35.6896, "lon": 139.7006}
AWAY = {"lat": 35.6850, "lon": 139.7006}  # half a kilometre: a walk, not a jump
POINT_RULES = {
    "currency": "JPY", "amount_step": 100, "step_points": 1, "visit_points": 10, "valid_days": 365,
    "time_zone": "Asia/Tokyo",
}  # fmt: skip
_numbers = count(1)


def store_body(**changes: Any) -> Json:
    plain = {"code": f"store-{next(_numbers)}", "name": "Shinjuku", "time_zone": "Asia/Tokyo", "location": DOOR}
    return plain | changes


def geofence_body(store_id: StoreId | str, **changes: Any) -> Json:
    return {"store_id": str(store_id), "name": "Door", "circle": DOOR | {"radius_m": 80}} | changes


def campaign_body(**changes: Any) -> Json:
    """Running, on every step in, at any hour. Its words name the store where there is one."""
    trigger = changes.get("trigger", {"kind": "enter"})
    at_stores = {kind for kind, rule in TRIGGERS.items() if rule.needs_store}
    happens_at_store = isinstance(trigger, dict) and trigger.get("kind") in at_stores
    return {
        "name": "Welcome",
        "state": "running",
        "trigger": {"kind": "enter"},
        "starts_at": "2026-01-01T00:00:00Z",
        "quiet_hours": None,
        "allow_anonymous": True,
        "offer": {"ja": {"title": "ようこそ {store}" if happens_at_store else "ようこそ", "body": "珈琲を一杯"}},
    } | changes


def member_body(code: str, **changes: Any) -> Json:
    consents = [{"purpose": purpose, "granted": True, "text_version": "2026-01"} for purpose in ("location", "push")]
    return {"program": code, "platform": "ios", "app_version": "3.2.1", "locale": "ja", "consents": consents} | changes


def fix(place: Mapping[str, float], *, ago_s: float, **changes: Any) -> Json:
    """A fix so many seconds ago by the device's clock."""
    recorded_at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return dict(place) | {"recorded_at": recorded_at.isoformat(), "accuracy_m": 10} | changes

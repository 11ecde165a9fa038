"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import MEMBER_ID, Example

_POINT_RULES = {
    "currency": "JPY",
    "amount_step": 100,
    "step_points": 1,
    "visit_points": 10,
    "valid_days": 365,
    "time_zone": "Asia/Tokyo",
}
_STAMP_CARD = {
    "code": "coffee-10",
    "name": {"ja": "コーヒー10杯", "en": "Ten coffees"},
    "source": "purchase",
    "min_amount": 500,
    "stamps_needed": 10,
}
_RANKS = {
    "measure": "spend",
    "period": "year",
    "time_zone": "Asia/Tokyo",
    "ranks": [
        {"code": "silver", "name": {"ja": "シルバー", "en": "Silver"}, "threshold": 30_000},
        {"code": "gold", "name": {"ja": "ゴールド", "en": "Gold"}, "threshold": 100_000},
    ],
}

EXAMPLES: Mapping[str, Example] = {
    "updatePointRules": Example(request=_POINT_RULES),
    "updateStampCards": Example(request={"cards": [_STAMP_CARD]}),
    "updateRankRules": Example(request=_RANKS),
    "adjustPoints": Example(request={"member_id": MEMBER_ID, "points": 100, "reason": "an apology for the wait"}),
}

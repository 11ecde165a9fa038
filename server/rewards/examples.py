"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import COUPON, MEMBER_ID, PROGRAM_ID, STORE_ID, Example, Json, make_page

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
_STAMP_CARDS = {
    "cards": [
        _STAMP_CARD
        | {
            "id": "019aa5c3-6a10-77c5-b606-a6ec6536f83d",
            "program_id": PROGRAM_ID,
            "campaign_id": None,
            "created_at": "2026-10-28T05:10:00Z",
        }
    ]
}
_RANKS = [
    {"code": "silver", "name": {"ja": "シルバー", "en": "Silver"}, "threshold": 30_000},
    {"code": "gold", "name": {"ja": "ゴールド", "en": "Gold"}, "threshold": 100_000},
]
_RANK_RULES_BODY = {"measure": "spend", "period": "year", "time_zone": "Asia/Tokyo", "ranks": _RANKS}
_RANK_RULES = _RANK_RULES_BODY | {"program_id": PROGRAM_ID, "rolling_days": None, "version": 1}
_BALANCE = {"balance": 131, "owed": 0, "expiring_points": 20, "expires_at": "2027-01-31T15:00:00Z"}
_VISITS = {
    "visit_count": 12,
    "first_visit_on": "2026-10-12",
    "last_visit_on": "2026-11-21",
    "visit_cycle_days": 3.6,
    "store_count": 2,
}
_POINTS = _BALANCE | {
    "history": make_page(
        {
            "id": "019aa5c4-9f21-7e40-a1b3-5d7f9c2e8064",
            "kind": "earn",
            "points": 11,
            "owed_change": 0,
            "balance_after": 131,
            "cause": "purchase",
            "store_id": STORE_ID,
            "reason": None,
            "at": "2026-11-21T09:05:00Z",
        }
    )
}
_STAMPS: Json = {
    "code": "coffee-10",
    "name": {"ja": "コーヒー10杯", "en": "Ten coffees"},
    "source": "purchase",
    "stamps_needed": 10,
    "on_card": 7,
    "completed": 1,
}

EXAMPLES: Mapping[str, Example] = {
    "getPointRules": Example(answer={"program_id": PROGRAM_ID, **_POINT_RULES}),
    "updatePointRules": Example(request=_POINT_RULES, answer={"program_id": PROGRAM_ID, **_POINT_RULES}),
    "getStampCards": Example(answer=_STAMP_CARDS),
    "updateStampCards": Example(request={"cards": [_STAMP_CARD]}, answer=_STAMP_CARDS),
    "getRankRules": Example(answer=_RANK_RULES),
    "updateRankRules": Example(request=_RANK_RULES_BODY, answer=_RANK_RULES),
    "getMySummary": Example(
        answer={
            "card_number": "2912345678906",
            "points": _BALANCE,
            "rank": _RANKS[0],
            "coupons": [COUPON],
            "has_more_coupons": False,
            "visits": _VISITS,
        }
    ),
    "getMyPoints": Example(answer=_POINTS),
    "getMyStamps": Example(answer={"cards": [_STAMPS]}),
    "getMyRank": Example(
        answer={
            "rank": _RANKS[0],
            "gathered": 41_200,
            "valid_until": "2026-12-31T15:00:00Z",
            "next_rank": _RANKS[1],
            "missing": 58_800,
            "ranks": _RANKS,
            "history": make_page(),
        }
    ),
    "getMemberSummary": Example(
        answer={
            "member_id": MEMBER_ID,
            "joined_at": "2026-10-12T03:25:00Z",
            "may_profile": True,
            "visits": _VISITS,
            "purchases": None,
            "points": _BALANCE,
            "stamps": [_STAMPS],
            "rank": None,
            "rank_valid_until": None,
        }
    ),
    "getMemberPoints": Example(answer=_POINTS),
    "adjustPoints": Example(
        request={"member_id": MEMBER_ID, "points": 100, "reason": "an apology for the wait"},
        answer={
            "id": "019aa5c4-e810-7565-bbdb-9202a2c39a60",
            "member_id": MEMBER_ID,
            "points": 100,
            "points_balance": 231,
            "reason": "an apology for the wait",
        },
    ),
}

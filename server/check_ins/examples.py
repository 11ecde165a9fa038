"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import (
    CARD_CODE,
    FIX,
    MEMBER_ID,
    PROGRAM_ID,
    SCAN_ID,
    STORE_ID,
    VISIT,
    Example,
    make_page,
)

_STORE_CODE = "N1SAGRAARD2RJYXLERB7JQCOOMCNAAADZHAVS3A6EEIJZGQ2EIPDRNQ"
_VISIT_RULES = {"by_store_qr": True, "by_dwell": False, "min_trust": "low"}

EXAMPLES: Mapping[str, Example] = {
    "scanCard": Example(
        request={"card": "2912 3456 7890 6"},
        answer={
            "scan_id": SCAN_ID,
            "member_id": MEMBER_ID,
            "card_number": "2912 3456 7890 6",
            "store_id": STORE_ID,
            "business_day": "2026-11-21",
            "is_first_today": True,
            "coupons_issued": 0,
            "usable_coupons": [
                {
                    "title": "Welcome to Kissa Sakura Shinjuku",
                    "body": "One coffee on the house today",
                    "expires_at": "2026-11-22T09:00:05Z",
                }
            ],
            "trust": "low",
            "purchase_id": None,
            "points_earned": 10,
            "points_balance": 120,
            "full_stamp_cards": [],
        },
    ),
    "reportOfflineScans": Example(
        request={"scans": [{"card": CARD_CODE, "scanned_at": "2026-11-21T09:00:10Z"}]},
        answer={
            "scans": [
                {
                    "outcome": "counted",
                    "reason": None,
                    "member_id": MEMBER_ID,
                    "is_first_today": True,
                    "coupons_issued": 0,
                    "scan_id": SCAN_ID,
                }
            ]
        },
    ),
    "undoScan": Example(
        request={"member_id": MEMBER_ID, "scan_id": SCAN_ID},
        answer={
            "scan_id": SCAN_ID,
            "member_id": MEMBER_ID,
            "undone_at": "2026-11-21T09:06:00Z",
            "is_visit_undone": True,
            "coupons_ended": 0,
            "points_reversed": 21,
            "amount_refunded": 1100,
        },
    ),
    "checkInAtStore": Example(
        request={"code": _STORE_CODE, "fix": FIX},
        answer={
            "store_id": STORE_ID,
            "store_name": "Kissa Sakura Shinjuku",
            "business_day": "2026-11-21",
            "is_first_today": True,
            "trust": "fair",
            "coupons": [],
            "points_earned": 10,
            "points_balance": 120,
        },
    ),
    "listMemberVisits": Example(answer=make_page(VISIT)),
    "getVisitRules": Example(answer={"program_id": PROGRAM_ID, **_VISIT_RULES}),
    "updateVisitRules": Example(request=_VISIT_RULES, answer={"program_id": PROGRAM_ID, **_VISIT_RULES}),
    "getCheckInCode": Example(answer={"code": _STORE_CODE}),
    "renewCheckInCode": Example(answer={"code": _STORE_CODE}),
    "replaceDisplayKey": Example(
        answer={
            "store_id": STORE_ID,
            "generation": 1,
            "key": "c70WsPZte_xtCfN0AG0N0T3CBG-9OQpWLFaze0bydKk",
            "step_s": 30,
        }
    ),
}

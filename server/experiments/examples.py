"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import CAMPAIGN_ID, STORE_ID, Example

_EXPERIMENT_BODY = {
    "holdout_percent": 10,
    "variants": [
        {"code": "coffee", "share": 50, "offer": None, "benefit": None},
        {
            "code": "ten-percent",
            "share": 50,
            "offer": {"ja": {"title": "{store}で10%オフ", "body": "本日のお会計から10%お引きします。", "terms": None}},
            "benefit": {"kind": "percent_off", "percent": 10, "max_discount": None},
        },
    ],
}
_EXPERIMENT = _EXPERIMENT_BODY | {
    "campaign_id": CAMPAIGN_ID,
    "version": 1,
    "started_at": "2026-10-01T03:00:00Z",
    "ended_at": None,
}
_HOLDOUT = {
    "arm": "holdout",
    "assigned": 1012,
    "issued": 0,
    "delivered": 0,
    "displayed": 0,
    "opened": 0,
    "redeemed": 0,
    "measured": 840,
    "visits_mean": 1.31,
    "sales_mean": 1840.0,
    "visits": None,
    "sales": None,
}
_COFFEE = {
    "arm": "coffee",
    "assigned": 4480,
    "issued": 4471,
    "delivered": 3902,
    "displayed": 3410,
    "opened": 804,
    "redeemed": 1240,
    "measured": 3790,
    "visits_mean": 1.52,
    "sales_mean": 1995.0,
    "visits": {
        "difference": 0.2,
        "low": 0.12,
        "high": 0.28,
        "always_low": 0.08,
        "always_high": 0.32,
        "lift_percent": 15.3,
        "lift_low_percent": 8.6,
        "lift_high_percent": 22.0,
        "variance_left": 0.61,
    },
    "sales": None,
}
_COHORT = {
    "month": "2026-08",
    "store_id": STORE_ID,
    "store_name": "Shinjuku",
    "first_timers": 210,
    "within_30_days": {"watched": 210, "returned": 63, "percent": 30.0},
    "within_60_days": {"watched": 210, "returned": 84, "percent": 40.0},
    "within_90_days": {"watched": 160, "returned": 72, "percent": 45.0},
}

EXAMPLES: Mapping[str, Example] = {
    "getExperiment": Example(answer=_EXPERIMENT),
    "replaceExperiment": Example(request=_EXPERIMENT_BODY, answer=_EXPERIMENT),
    "getProgramHoldout": Example(answer={"percent": 5, "ended_at": None}),
    "replaceProgramHoldout": Example(request={"percent": 5}, answer={"percent": 5, "ended_at": None}),
    "getCampaignResults": Example(
        answer={
            "campaign_id": CAMPAIGN_ID,
            "days": 30,
            "until": "2026-11-21T09:20:00Z",
            "control": "holdout",
            "sample_ratio": {"p_value": 0.41, "is_suspicious": False},
            "arms": [_HOLDOUT, _COFFEE],
        }
    ),
    "getVisitCohorts": Example(answer={"cohorts": [_COHORT]}),
}

"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import CAMPAIGN_ID, STORE_ID, Example

EXAMPLES: Mapping[str, Example] = {
    "rehearseTrace": Example(
        answer={
            "campaign_version": 1,
            "from_at": "2026-11-28T03:00:00Z",
            "to_at": "2026-11-28T04:10:00Z",
            "fixes": 140,
            "persons": 1,
            "steps_found": 1,
            "steps": [
                {
                    "person": "",
                    "kind": "enter",
                    "minutes": None,
                    "store_id": STORE_ID,
                    "store_name": "Kissa Sakura Shinjuku",
                    "event_at": "2026-11-28T03:21:30Z",
                    "told_at": "2026-11-28T03:21:30Z",
                    "outcome": "issued",
                }
            ],
            "coupons": 1,
            "suppressed": [],
            "messages": [],
            "cannot_tell": [
                {
                    "what": "former_coupons",
                    "means": {
                        "en": "Nothing was issued before: frequency, cool-down and caps count what the trace earns.",
                        "ja": "これまでの発行はないものとし、頻度・間隔・上限は、この軌跡の分だけを数えました。",
                    },
                }
            ],
        }
    ),
    "rehearseCampaign": Example(
        request={"days": 30},
        answer={
            "from_at": "2026-10-22T03:00:00Z",
            "to_at": "2026-11-21T03:00:00Z",
            "campaign_version": 1,
            "sample": {"members": 1840, "judged": 1840, "share": 1.0},
            "events": 2310,
            "members": {"count": 512, "at_least": 512, "at_most": 512},
            "coupons": {"count": 512, "at_least": 512, "at_most": 512},
            "by_store": [
                {"store_id": STORE_ID, "name": "Kissa Sakura Shinjuku", "members": 512, "coupons": 512},
            ],
            "by_hour": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 190, 201, 121, 0, 0, 0, 0, 0, 0, 0],
            "suppressed": [
                {
                    "outcome": "already_issued",
                    "times": 1798,
                    "why": {
                        "en": "The member has had this campaign's coupon of the period already (…).",
                        "ja": "この期間（…）のクーポンは、すでにこの会員に発行されています。",
                    },
                    "change": {
                        "en": "There would have to be a new period; with the frequency `once` there is none.",
                        "ja": "次の期間になれば発行されます。頻度が「1回限り」（once）の場合は発行されません。",
                    },
                }
            ],
            "overlap": [{"campaign_id": CAMPAIGN_ID, "name": "Rainy days", "members": 61, "events": 12}],
            "cost": {"currency": "JPY", "discount_at_most": 51200, "points_at_most": 0},
            "messages": [
                {
                    "channel": "push",
                    "sent": 300,
                    "deferred": 0,
                    "dropped": {"no_consent": 32},
                    "price": None,
                    "currency": None,
                },
                {"channel": "sms", "sent": 180, "deferred": 0, "dropped": {}, "price": 3240, "currency": "JPY"},
            ],
            "taken_as_now": [
                {
                    "what": "rules",
                    "means": {
                        "en": "Opening hours, other campaigns and their audiences are those of now; stores that have"
                        " closed since are left out.",
                        "ja": "営業時間、ほかのキャンペーンとその対象者は現在のものを使い、閉店した店舗は除きました。",
                    },
                }
            ],
        },
    ),
}

"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import MEMBER_ID, STORE_ID, Example

EXAMPLES: Mapping[str, Example] = {
    "explainCampaign": Example(
        request={"member_id": MEMBER_ID, "at": "2026-11-21T13:10:00Z", "hours": 12},
        answer={
            "from_at": "2026-11-21T01:10:00Z",
            "to_at": "2026-11-22T01:10:00Z",
            "decisions": [
                {
                    "member_id": MEMBER_ID,
                    "store_id": STORE_ID,
                    "event_at": "2026-11-21T13:10:00Z",
                    "decided_at": "2026-11-21T13:10:02Z",
                    "trigger": "enter",
                    "campaign_version": 3,
                    "outcome": "store_closed",
                    "coupon_id": None,
                    "variant": None,
                    "message": None,
                    "happened": {
                        "en": "At 2026-11-21 22:10: the member entered (Kissa Sakura Shinjuku).",
                        "ja": "2026-11-21 22:10、会員が入店しました（Kissa Sakura Shinjuku）。",
                    },
                    "why": {
                        "en": "It was 22:10, and the store was closed; the campaign is for open stores only.",
                        "ja": "時刻は22:10で、店舗は営業時間外でした。キャンペーンは営業中の店舗のみが対象です。",
                    },
                    "change": {
                        "en": "It would have to happen in the store's opening hours.",
                        "ja": "店舗の営業時間内である必要がありました。",
                    },
                }
            ],
            "outcomes": [],
            "absences": [],
        },
    ),
}

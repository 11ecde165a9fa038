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
                    "outcome": "quiet_hours",
                    "coupon_id": None,
                    "happened": {
                        "en": "At 2026-11-21 22:10: the member entered (Kissa Sakura Shinjuku).",
                        "ja": "2026-11-21 22:10、会員が入店しました（Kissa Sakura Shinjuku）。",
                    },
                    "why": {
                        "en": "It was 22:10, and the campaign's quiet hours are from 21:00 to 08:00.",
                        "ja": "時刻は22:10で、キャンペーンの通知停止時間（21:00から08:00）にあたりました。",
                    },
                    "change": {
                        "en": "It would have to happen before 21:00 or from 08:00 on.",
                        "ja": "21:00より前、または08:00以降である必要がありました。",
                    },
                }
            ],
            "outcomes": [],
            "absences": [],
        },
    ),
}

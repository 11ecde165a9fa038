"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import (
    CAMPAIGN_ID,
    MEMBER_ID,
    PAPER_CODE,
    PICTURE_URL,
    PROGRAM_ID,
    STAFF_ID,
    STORE_ID,
    Example,
    make_page,
)

_CAMPAIGN_BODY = {
    "name": "Welcome back",
    "state": "running",
    "trigger": {"kind": "enter"},
    "store_ids": None,
    "starts_at": "2026-11-01T00:00:00+09:00",
    "ends_at": "2027-03-31T23:59:59+09:00",
    "frequency": "weekly",
    "hours": [{"weekdays": [6, 7], "start": "10:00", "end": "18:00", "holidays": "include"}],
    "except_days": ["2026-12-31"],
    "exclusive_group": "welcome",
    "priority": 10,
    "quiet_hours": {"start": "21:00", "end": "08:00"},
    "offer": {
        "ja": {"title": "{store}へようこそ", "body": "本日のコーヒーを一杯サービスいたします。"},
        "en": {
            "title": "Welcome to {store}",
            "body": "A coffee is on us today.",
            "terms": "One per visit. Not together with other coupons.",
        },
    },
    "messages": {
        "push": {
            "ja": {
                "title": "{store}へようこそ",
                "body": "{if name}{name}様、{end}コーヒーを一杯どうぞ。",
            },
            "en": {"title": "Welcome to {store}", "body": "{if name}{name}, a{else}A{end} coffee is on us today."},
        },
        "email": {
            "ja": {
                "subject": "{store}からコーヒーを一杯",
                "body": "# ようこそ\n\n{expires}まで、コーヒーを一杯どうぞ。\n\n[クーポンを見る]({link})",
            }
        },
        "line": {"ja": {"text": "コーヒーを一杯どうぞ。{expires}までご利用いただけます。", "button": "クーポンを見る"}},
        "link": "https://card.example/coupons/{coupon_id}",
        "push_look": {"android_channel": "coupons", "interruption_level": "time-sensitive"},
    },
    "channels": ["push"],
    "fallback_within_minutes": 60,
    "coupon_valid_days": 1,
    "benefit": {"kind": "percent_off", "percent": 10, "max_discount": None},
    "conditions": {"min_spend": 2000, "hours": [{"weekdays": [1, 2, 3, 4, 5], "start": "14:00", "end": "17:00"}]},
    "coupon_uses": 1,
    "cap": 1000,
    "store_day_cap": 30,
}
_CAMPAIGN: dict[str, object] = _CAMPAIGN_BODY | {
    "id": CAMPAIGN_ID,
    "program_id": PROGRAM_ID,
    "quiet_hours": {"start": "21:00:00", "end": "08:00:00"},
    "conditions": {
        "usable_from": None,
        "hours": [{"weekdays": [1, 2, 3, 4, 5], "start": "14:00", "end": "17:00"}],
        "store_ids": None,
        "min_spend": 2000,
        "item_codes": [],
        "categories": [],
        "company": "none",
        "group": None,
        "ranks": [],
    },
    "only_when_open": True,
    "on_first_fix": True,
    "allow_anonymous": False,
    "max_event_age_s": 900,
    "min_trust": "low",
    "every_days": None,
    "cooldown_s": None,
    "store_groups": [],
    "follow_ups": [],
    "audience_id": None,
    "audience_version": None,
    "coupon_valid_s": None,
    "coupon_valid_until": None,
    "store_cap": None,
    "day_cap": None,
    "version": 3,
    "created_at": "2026-10-28T05:00:00Z",
    "picture_url": PICTURE_URL,
    "withdrawn_at": None,
    "withdrawal_reason": None,
}
# What is known of a campaign besides what it says.
_ONLY_SHOWN = frozenset(
    {"id", "program_id", "version", "created_at", "picture_url", "withdrawn_at", "withdrawal_reason"}
)
_BATCH_ID = "01a20045-3b7c-7d10-9e42-6a8c1f5d2b90"
_BATCH = {
    "id": _BATCH_ID,
    "campaign_id": CAMPAIGN_ID,
    "name": "Flyer, Shinjuku, spring",
    "kind": "single",
    "size": 20_000,
    "word": None,
    "claimed": 0,
    "cancelled": 0,
    "created_at": "2026-11-21T09:00:00Z",
    "withdrawn_at": None,
}
_REASON = {
    "ja": "表示に誤りがあったため、このクーポンは取り消しました。",
    "en": "It was printed wrong, so we have withdrawn it.",
}

EXAMPLES: Mapping[str, Example] = {
    "listCampaigns": Example(answer=make_page(_CAMPAIGN)),
    "createCampaign": Example(request=_CAMPAIGN_BODY, answer=_CAMPAIGN),
    "getCampaign": Example(answer=_CAMPAIGN),
    "replaceCampaign": Example(request=_CAMPAIGN_BODY, answer=_CAMPAIGN),
    "updateCampaign": Example(
        request={"state": "paused", "offer": _CAMPAIGN_BODY["offer"], "version": 1},
        answer=_CAMPAIGN | {"state": "paused"},
    ),
    "listCampaignVersions": Example(
        answer=make_page(
            {
                "version": 3,
                "changed_at": "2026-11-20T01:30:00Z",
                "changed_by": STAFF_ID,
                "campaign": {name: _CAMPAIGN[name] for name in _CAMPAIGN if name not in _ONLY_SHOWN},
            }
        )
    ),
    "previewCampaign": Example(
        request={"member_id": MEMBER_ID, "language": "ja"},
        answer={
            "push": {
                "title": "新宿店へようこそ",
                "body": "本日のコーヒーを一杯サービスいたします。",
                "image_url": PICTURE_URL,
                "link": "https://card.example/coupons/00000000-0000-0000-0000-000000000000",
                "size_bytes": 1127,
            },
            "email": {
                "subject": "佐藤 花子様へ、新宿店から",
                "html": '<!DOCTYPE html><html lang="ja"><head></head><body><p>コーヒーを一杯どうぞ。</p></body></html>',
                "text": "コーヒーを一杯どうぞ。\n",
            },
            "line": {"messages": [{"type": "text", "text": "コーヒーを一杯どうぞ。"}], "characters": 11},
            "sms": {
                "text": "新宿店から: 11月30日(月) 23:59まで\n配信停止はSTOPと返信",
                "alphabet": "ucs2",
                "segments": 1,
                "price": 9,
                "currency": "JPY",
            },
            "voice": {"text": "こんにちは。新宿店です。", "language": "ja-JP", "price": 20, "currency": "JPY"},
            "messenger": None,
        },
    ),
    "sendTestMessage": Example(request={"language": "ja", "channel": "sms"}),
    "listStoreResults": Example(
        answer=make_page(
            {
                "store_id": STORE_ID,
                "store_name": "Shinjuku",
                "issued": 61,
                "redeemed": 24,
                "sales": 31_200,
                "days": [
                    {"day": "2026-11-27", "issued": 42, "redeemed": 19, "sales": 24_850},
                    {"day": "2026-11-28", "issued": 19, "redeemed": 5, "sales": 6_350},
                ],
            }
        )
    ),
    "getCampaignReport": Example(
        answer={
            "coupons_issued": 412,
            "redemptions": 187,
            "coupons_voided": 3,
            "pushes_sent": 396,
            "pushes_failed": 7,
            "pushes_deferred": 38,
            "pushes_waiting": 0,
            "pushes_dropped": {"no_consent": 9},
            "receipts": {
                "push": {
                    "accepted": 0,
                    "delivered": 371,
                    "displayed": 355,
                    "opened": 92,
                    "clicked": 0,
                    "failed": 0,
                    "bounced": 0,
                    "complained": 0,
                }
            },
            "other_messages": {"email": {"sent": 41, "failed": 2}},
            "decisions": {"issued": 412, "already_issued": 96, "store_closed": 31},
        }
    ),
    "getCampaignWithdrawal": Example(answer={"unused_coupons": 225, "withdrawn_at": None, "reason": None}),
    "withdrawCampaign": Example(
        request={"unused_coupons": 225, "reason": _REASON},
        answer={"unused_coupons": 224, "withdrawn_at": "2026-11-21T09:20:00Z", "reason": _REASON},
    ),
    "listPaperCodeBatches": Example(answer=make_page(_BATCH)),
    "createPaperCodeBatch": Example(request={"name": "Flyer, Shinjuku, spring", "size": 20_000}, answer=_BATCH),
    "exportPaperCodes": Example(),
    "withdrawPaperCodeBatch": Example(
        request={"batch_id": _BATCH_ID}, answer={"batch_id": _BATCH_ID, "withdrawn_at": "2026-11-21T09:20:00Z"}
    ),
    "cancelPaperCodes": Example(request={"codes": [PAPER_CODE]}, answer={"cancelled": [PAPER_CODE], "refused": []}),
    "replaceCampaignPicture": Example(
        answer={
            "url": PICTURE_URL,
            "media_type": "image/jpeg",
            "width_px": 1600,
            "height_px": 1067,
            "size_bytes": 214_338,
        }
    ),
}

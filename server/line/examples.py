"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import Example

_CHANNEL = {
    "channel_id": "1650000001",
    "login_channel_id": "1650000002",
    "liff_id": "1650000002-8abcdefg",
    "link_url": "https://app.kissa.example/line",
    "webhook_url": "https://noren.example/line/v1/webhooks/019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26",
    "changed_at": "2026-11-28T09:00:00Z",
    "bot_user_id": "U0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "monthly_limit": 5000,
    "sent_this_month": 1203,
    "checked_at": "2026-11-28T09:10:00Z",
    "fault": None,
    "spent_until": None,
}
_AREA = {"x": 0, "y": 0, "width": 1200, "height": 405, "command": "card", "url": None}
_MENU = {
    "state": "linked",
    "chat_bar_text": "メニュー",
    "areas": [_AREA],
    "changed_at": "2026-11-28T09:00:00Z",
    "published_at": "2026-11-28T09:00:30Z",
    "fault": None,
}
# The header of a PNG of 1200 by 405 pixels.
_PICTURE = "iVBORw0KGgoAAAANSUhEUgAABLAAAAGVCAYAAAA="
_ID_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2FjY2Vzcy5saW5lLm1lIn0.3vJ9"
_LINK = {
    "linked_at": "2026-11-28T09:00:00Z",
    "receives_messages": True,
    "signs_in_from": "2026-12-01T09:00:00Z",
}

EXAMPLES: Mapping[str, Example] = {
    "getLineChannel": Example(answer=_CHANNEL),
    "setLineChannel": Example(
        request={
            "channel_id": "1650000001",
            "channel_secret": "8c570fa6dd201bb328f1c1eac23a96d8",
            "access_token": "W1TeHCgfH2LiwaAAAA",
            "login_channel_id": "1650000002",
            "liff_id": "1650000002-8abcdefg",
            "link_url": "https://app.kissa.example/line",
        },
        answer=_CHANNEL,
    ),
    "listLineMenus": Example(answer={"items": [_MENU]}),
    "setLineMenu": Example(
        request={
            "state": "linked",
            "menu": {"chat_bar_text": "メニュー", "picture": _PICTURE, "areas": [_AREA]},
        },
        answer={"items": [_MENU]},
    ),
    "getMyLineLink": Example(answer=_LINK),
    "beginLineAccountLink": Example(
        request={"link_token": "NMZTNuVrPTqlr2IF8Bnymkb7rXfYv5EY"},
        answer={
            "url": "https://access.line.me/dialog/bot/accountLink?linkToken=NMZTNuVrPTqlr2IF8Bnymkb7rXfYv5EY"
            "&nonce=3q2-7wAAAAB5cJ4mJ2n3lYbXk2Zq0u8d5vG1hTnQm0c",
            "expires_at": "2026-11-28T09:10:00Z",
        },
    ),
    "linkMyLineAccount": Example(request={"id_token": _ID_TOKEN}, answer=_LINK),
    "signInByLine": Example(
        request={"program": "kissa-sakura", "id_token": _ID_TOKEN, "platform": "ios", "app_version": "1.4.0"},
        answer={
            "member_id": "019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26",
            "device_id": "019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a27",
            "device_token": "nrnd_AZqlxKPSfhGMQFt_PR6aJg…",
        },
    ),
}

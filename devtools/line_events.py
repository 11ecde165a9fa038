"""Events as LINE's webhooks bring them, and how they are signed."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

Json = dict[str, Any]


def sign(channel_secret: str, body: bytes) -> str:
    """X-Line-Signature."""
    return base64.b64encode(hmac.new(channel_secret.encode(), body, hashlib.sha256).digest()).decode()


def make_event(
    kind: str, user_id: str | None, *, ago_s: float = 0, reply_token: str | None = None, **details: Any
) -> Json:
    """`user_id` None: of a group."""
    event: Json = {
        "type": kind,
        "mode": "active",
        "timestamp": int((time.time() - ago_s) * 1000),
        "webhookEventId": secrets.token_hex(13).upper(),
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": user_id} if user_id else {"type": "group", "groupId": "C" + "0" * 32},
    }
    return event | ({} if reply_token is None else {"replyToken": reply_token}) | details


def redelivered(event: Json) -> Json:
    return event | {"deliveryContext": {"isRedelivery": True}}


def follow(user_id: str, **changes: Any) -> Json:
    return make_event("follow", user_id, follow={"isUnblocked": False}, **changes)


def unfollow(user_id: str, **changes: Any) -> Json:
    return make_event("unfollow", user_id, **changes)


def text_message(user_id: str, text: str, **changes: Any) -> Json:
    message = {"type": "text", "id": "444573844083572737", "quoteToken": "q3Plxr4AgKd", "text": text}
    return make_event("message", user_id, message=message, **changes)


def postback(user_id: str, data: str, **changes: Any) -> Json:
    return make_event("postback", user_id, postback={"data": data}, **changes)


def account_link(user_id: str, nonce: str, result: str = "ok", **changes: Any) -> Json:
    return make_event("accountLink", user_id, link={"result": result, "nonce": nonce}, **changes)

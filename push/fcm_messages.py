"""A push as FCM's HTTP v1 takes it, built and checked by firebase-admin. Only a sender imports it."""

import time
from typing import Any

from firebase_admin import messaging

from push.messages import Push


def write_message(push: Push, public_url: str | None) -> messaging.Message:
    """`public_url`: where phones load a push's picture; None: they are shown none."""
    image = None
    if push.image_path is not None and public_url is not None:
        image = public_url + push.image_path
    message = messaging.Message(
        data=dict(push.data),
        notification=messaging.Notification(push.title, push.body, image),
        **(_for_browsers(push) if push.is_web else _for_phones(push, has_image=image is not None)),
    )
    # As an argument of the constructor `token` is deprecated in favour of `fid`; phones that hold one still exist.
    match push.token_kind:
        case "fid":
            message.fid = push.token
        case "registration":
            message.token = push.token
    return message


def _for_browsers(push: Push) -> dict[str, Any]:
    """As RFC 8030 has it. A click opens the page that the campaign links to, where it is one that FCM takes."""
    link = push.data.get("link", "")
    opens = messaging.WebpushFCMOptions(link=link) if link.startswith("https://") else None
    return {
        "webpush": messaging.WebpushConfig(
            headers={"TTL": str(push.ttl_s), "Urgency": "high"},
            notification=messaging.WebpushNotification(tag=push.tag),
            fcm_options=opens,
        )
    }


def _for_phones(push: Push, *, has_image: bool) -> dict[str, Any]:
    return {
        # No collapse key: FCM keeps four keys a device, so a phone that is away would lose all coupons but four.
        "android": messaging.AndroidConfig(
            priority="high",
            ttl=push.ttl_s,
            notification=messaging.AndroidNotification(tag=push.tag, channel_id=push.look.android_channel),
        ),
        "apns": messaging.APNSConfig(
            headers={
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-collapse-id": push.tag,
                # 0 is Apple's word for one attempt.
                "apns-expiration": str(int(time.time()) + push.ttl_s if push.ttl_s else 0),
            },
            payload=messaging.APNSPayload(_write_aps(push, has_image=has_image)),
        ),
    }


def _write_aps(push: Push, *, has_image: bool) -> messaging.Aps:
    look = push.look
    return messaging.Aps(
        sound=None if look.interruption_level == "passive" else "default",
        badge=look.badge,
        thread_id=look.thread_id,
        # iOS shows a picture only where the app's extension loads it, which this lets it do.
        mutable_content=has_image,
        # What it is without one, it is not said: firebase-admin has no field of its own for it.
        custom_data=None if look.interruption_level == "active" else {"interruption-level": look.interruption_level},
    )


def encode_message(message: messaging.Message) -> dict[str, Any]:
    """What stands under `message` of a request. Raises ValueError for what firebase-admin refuses."""
    encoded: dict[str, Any] = messaging._MessagingService.encode_message(message)  # noqa: SLF001 - its `str` is slower
    return encoded

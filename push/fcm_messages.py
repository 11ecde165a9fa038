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
        # No collapse key: FCM keeps four keys a device, so a phone that is away would lose all coupons but four.
        android=messaging.AndroidConfig(
            priority="high", ttl=push.ttl_s, notification=messaging.AndroidNotification(tag=push.tag)
        ),
        apns=messaging.APNSConfig(
            headers={
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-collapse-id": push.tag,
                "apns-expiration": str(int(time.time()) + push.ttl_s),
            },
            payload=messaging.APNSPayload(
                # iOS shows a picture only where the app's extension loads it, which this lets it do.
                messaging.Aps(sound="default", mutable_content=image is not None)
            ),
        ),
    )
    # As an argument of the constructor `token` is deprecated in favour of `fid`; phones that hold one still exist.
    match push.token_kind:
        case "fid":
            message.fid = push.token
        case "registration":
            message.token = push.token
    return message


def encode_message(message: messaging.Message) -> dict[str, Any]:
    """What stands under `message` of a request. Raises ValueError for what firebase-admin refuses."""
    encoded: dict[str, Any] = messaging._MessagingService.encode_message(message)  # noqa: SLF001 - its `str` is slower
    return encoded

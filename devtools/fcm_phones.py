"""What a phone makes of accepted pushes: which wait while it is away, and what its tray shows. Pure.

As far as a sender can notice, from
https://firebase.google.com/docs/cloud-messaging/customize-messages/collapsible-message-types,
https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages#androidnotification and Apple's "Sending
notification requests to APNs":

    waiting   Android: messages with one collapse key replace each other, and four keys are kept a device; which four is
              not said, here the last. Those without a key are kept up to 100; one more, and all of them are lost.
              iOS: APNs keeps one notification an app, the last.
    shown     Android: one notification a tag; without a tag each message is a notification of its own.
              iOS: one notification an `apns-collapse-id`; without one likewise.

Times to live are not modelled, nor what an app does itself while it is open. (Google's page says of messages with a
notification both that their collapse key is the app's name where none is given and that they ignore the key. Nobody can
do anything about that but to ask for the coupons when the app starts, as docs/clients.md says.)
"""

from devtools.fcm_rules import Message

MAX_COLLAPSE_KEYS = 4
MAX_WAITING = 100


class Phone:
    """`shown` holds the notifications of the tray by what identifies them; `alerts` counts how often the phone rang."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.is_online = True
        self.shown: dict[str, Message] = {}
        self.alerts = 0
        self._waiting: list[Message] = []

    def go_online(self) -> None:
        self.is_online = True
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.receive(message)

    def receive(self, message: Message) -> None:
        if not self.is_online:
            self._waiting = _KEEPING[self.platform](self._waiting, message)
            return
        self.alerts += 1
        identifier = _IDENTIFYING[self.platform](message)
        self.shown[identifier or f"#{self.alerts}"] = message


def _keep_for_ios(_: list[Message], message: Message) -> list[Message]:
    return [message]


def _keep_for_android(waiting: list[Message], message: Message) -> list[Message]:
    key = _collapse_key(message)
    if not key:
        plain = sum(not _collapse_key(each) for each in waiting)
        kept = waiting if plain < MAX_WAITING else [each for each in waiting if _collapse_key(each)]
        return [*kept, message]
    others = [each for each in waiting if _collapse_key(each) != key]
    keys = list(dict.fromkeys(_collapse_key(each) for each in others if _collapse_key(each)))
    lost = set(keys[: max(0, len(keys) + 1 - MAX_COLLAPSE_KEYS)])
    return [*(each for each in others if _collapse_key(each) not in lost), message]


def _collapse_key(message: Message) -> str:
    return message.android.collapse_key if message.android else ""


def _tag(message: Message) -> str:
    return str(message.android.notification.get("tag", "")) if message.android else ""


def _collapse_id(message: Message) -> str:
    return message.apns.headers.get("apns-collapse-id", "") if message.apns else ""


def _keep_for_web(waiting: list[Message], message: Message) -> list[Message]:
    """RFC 8030: one takes another's place only where both have the same topic, and ours have none."""
    return [*waiting, message]


def _web_tag(message: Message) -> str:
    return str(message.webpush.get("notification", {}).get("tag", ""))


_KEEPING = {"ios": _keep_for_ios, "android": _keep_for_android, "web": _keep_for_web}
_IDENTIFYING = {"ios": _collapse_id, "android": _tag, "web": _web_tag}

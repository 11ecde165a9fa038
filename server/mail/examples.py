"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import Example

_SETTINGS = {
    "sender_name": "喫茶さくら株式会社",
    "postal_address": "東京都新宿区新宿1-2-3",
    "contact": "https://kissa.example/contact",
    "per_minute": 600,
    "is_double_opt_in": False,
}

EXAMPLES: Mapping[str, Example] = {
    "getMailSettings": Example(answer={"settings": _SETTINGS}),
    "reportMails": Example(answer={"taken": 1, "ignored": 0}),
    "updateMailSettings": Example(request=_SETTINGS, answer={"settings": _SETTINGS}),
}

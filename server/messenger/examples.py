"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import Example

_PAGE = {
    "page_id": "104567890123456",
    "webhook_url": "https://noren.example/messenger/v1/webhooks/019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26",
    "changed_at": "2026-11-28T09:00:00Z",
}

EXAMPLES: Mapping[str, Example] = {
    "getMessengerPage": Example(answer=_PAGE),
    "setMessengerPage": Example(
        request={
            "page_id": "104567890123456",
            "app_secret": "3f0d7a3e5f0c4a359d1c0b1f1c9b7f10",
            "access_token": "EAAGm0PX4ZCpsBAKZC",
            "verify_token": "a-word-of-our-own",
        },
        answer=_PAGE,
    ),
    "getMyMessengerLink": Example(
        answer={"linked_at": "2026-11-28T09:00:00Z", "answers_until": "2026-11-29T09:00:00Z"}
    ),
    "beginMessengerLink": Example(
        answer={
            "url": "https://m.me/104567890123456?ref=3q2-7wAAAAB5cJ4mJ2n3lYbXk2Zq0u8d5vG1hTnQm0c",
            "expires_at": "2026-11-28T09:10:00Z",
        }
    ),
    "replyByMessenger": Example(
        request={"text": "はい、22時まで営業しています。"}, answer={"expires_at": "2026-11-29T09:00:00Z"}
    ),
}

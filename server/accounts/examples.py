"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import Example

_CONSENTS = [
    {"purpose": "location", "granted": True, "text_version": "2026-10"},
    {"purpose": "push", "granted": True, "text_version": "2026-10"},
]

EXAMPLES: Mapping[str, Example] = {
    "updateEnrolmentSettings": Example(request={"phone_region": "JP", "join_url": "https://app.kissa.example/join"}),
    "startVerification": Example(request={"kind": "phone", "value": "090-1234-5678"}),
    "confirmVerification": Example(request={"code": "123 456"}),
    "enrolMember": Example(
        request={"program": "kissa-sakura", "platform": "ios", "locale": "ja", "consents": _CONSENTS}
    ),
    "updateConsents": Example(request={"consents": _CONSENTS}),
    "updateDevice": Example(request={"locale": "en"}),
    "setPushToken": Example(request={"token": "d4Tz0…:APA91b…", "kind": "registration"}),
}

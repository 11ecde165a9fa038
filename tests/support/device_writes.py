"""What a device writes for its member."""

from typing import Any

import httpx

from devtools.card.phone import ReferencePhone
from tests.support.world import Member

Write = tuple[str, str, Any]


def writes_of(member: Member) -> list[Write]:
    """Whatever a device writes for its member."""
    name = str(member.id)
    yes = {"granted": True, "text_version": "2"}
    return [
        ("PUT", "/v1/me/consents", {"consents": [{"purpose": "email"} | yes]}),
        ("PUT", "/v1/me/consents", {"consents": [{"purpose": "location", "granted": False, "text_version": "2"}]}),
        ("PUT", "/v1/me/device/push-token", {"token": f"address-{name}", "kind": "fid"}),
        ("DELETE", "/v1/me/device/push-token", None),
        ("PATCH", "/v1/me/device", {"locale": "en"}),
        ("POST", "/v1/me/device/token", None),
        ("POST", "/v1/me/verifications", {"kind": "email", "value": f"{name}@example.com"}),
        ("POST", "/v1/me/card/key", ReferencePhone(member.id, member.device_id).registration()),
        ("POST", "/v1/me/card/totp", None),
        ("DELETE", "/v1/me/card/key", None),
    ]


async def send(member: Member, write: Write, key: str) -> httpx.Response:
    method, path, body = write
    return await member.app.call(method, path, body, key=key)

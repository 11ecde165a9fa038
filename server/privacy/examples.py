"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import CARD_CODE, VERIFICATION_ID, Example

_SENT_CODE = {
    "id": VERIFICATION_ID,
    "kind": "phone",
    "expires_at": "2026-11-21T09:10:00Z",
    "resend_at": "2026-11-21T09:01:00Z",
}

EXAMPLES: Mapping[str, Example] = {
    "sendMyDataCode": Example(request={"purpose": "export", "kind": "phone"}, answer=_SENT_CODE),
    "exportMyData": Example(request={"code_id": VERIFICATION_ID, "code": "123 456"}),
    "eraseMyData": Example(request={"card_code": CARD_CODE}, answer={"erases_at": "2026-11-22T09:00:00Z"}),
    "sendMemberDataCode": Example(request={"kind": "email"}, answer=_SENT_CODE | {"kind": "email"}),
    "exportMemberData": Example(request={"code_id": VERIFICATION_ID, "code": "123 456"}),
    "eraseMemberData": Example(request={"verified_by": "identity_document"}),
}

"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import CARD_NUMBER, PROGRAM_ID, Example

_SERIAL = "2iVb0A1mQ3u8Zc5yR7kTfg"
_CERTIFICATE = {
    "serial": _SERIAL,
    "certificate": "AWkvAaIdNDBqc1-ecmYmleFclVFOAxSkhnACuhLQ06EOr9fz-KbdnAXKMM6FckBbQn5WtCSRKxIh6_JokuMJEH9RmRhX6N1lN7X"
    "9xXPVPEJEXIwtR73kioOYue6kjkkmAjfVnv4-a9TLmbIHVJ_gsgz1Nrv4AQ",
    "expires_at": "2026-12-21T00:00:00Z",
    "renew_from": "2026-12-06T00:00:00Z",
}
_SIGNING_KEY = {
    "id": "81a5",
    "state": "signing",
    "public_key": "_ICVrhIm4Om-esNhldQHhIH2gjIhcmMP0l60Mh7ONkw",
    "created_at": "2026-10-01T01:00:00Z",
    "signs_from": "2026-10-01T01:00:00Z",
    "trusted_until": None,
}

EXAMPLES: Mapping[str, Example] = {
    "getCard": Example(
        answer={
            "number": CARD_NUMBER,
            "key": {"serial": _SERIAL, "is_on_this_device": True, "registered_at": "2026-11-21T08:50:00Z"},
        }
    ),
    "registerCardKey": Example(
        request={
            "public_key": "BMZu9oUICFjBbRmhOqAAbMZyhfk4-GutEMA1RjC83JiWgs5xQpEpXEyw8sJjsNER3n2Ld4siDjNCE-CU-F6g-K8",
            "proof": "b54ivNl4wpia2nEzZaa1BDE38ebQqjKN_0z6wLCSRGq39D2LL07EehgYXwwuEKeX0ZESAqO6iQRac8X2arqoKg",
        },
        answer=_CERTIFICATE,
    ),
    "getCardCertificate": Example(answer=_CERTIFICATE),
    "createTotpPass": Example(
        answer={
            "pass_id": "019aa5c4-c0a1-75a5-8867-0ae214239e1b",
            "prefix": "N1TAGRB2NBUXZZSFOZFNX3KFXIS2AA2EHJUG45HLJMIM4FOEFBDTYNQ",
            "secret": "XQD76KTEFQ5LS7MJX4VFZEQXCXRBJQEJ",
            "digits": 8,
            "step_s": 30,
        }
    ),
    "listSigningKeys": Example(answer={"items": [_SIGNING_KEY]}),
    "createSigningKey": Example(
        answer=_SIGNING_KEY | {"id": "02d2", "state": "waiting", "signs_from": "2026-10-02T01:00:00Z"}
    ),
    "getOfflineVerificationBundle": Example(
        answer={
            "program_id": PROGRAM_ID,
            "step_s": 30,
            "skew_steps": 1,
            "keys": [
                {
                    "key_id": "78e6",
                    "public_key": "9POK0Jrp5PanWEr9sJz27rK_s4y2vkc4FIR6Y_BdwFA",
                    "is_revoked": False,
                }
            ],
            "revocations": [{"serial": _SERIAL, "expires_at": "2026-12-21T00:00:00Z"}],
            "sequence": 17,
        }
    ),
}

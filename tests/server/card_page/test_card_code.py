"""The browser's code is that of docs/card-code.md: its own module makes what the vectors say, and tills take it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from cards.barcodes import encode_number
from cards.rotating_codes import TrustedKey, judge_code, read_code
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "docs" / "card-code-vectors.json").read_text(encoding="utf-8")
)

# Signatures of browsers are random, so each part is compared on its own, and one is verified by the vectors' key.
COMPUTE = """async ({vectors, phone, certificate, code}) => {
    const {writeDigits, codeMessage, writeCode, proofMessage, compressPoint, fromBase64Url, toBase64Url} =
        await import("noren/card/code");
    const {sign} = await import("noren/card/key");
    const bytes = text => Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16));
    const hex = read => [...read].map(byte => byte.toString(16).padStart(2, "0")).join("");
    const raw = bytes(certificate.bytes);
    const signature = bytes(vectors.signature);
    const point = fromBase64Url(phone.registration.public_key);
    const jwk = {kty: "EC", crv: "P-256", d: toBase64Url(bytes(phone.private_key)),
                 x: toBase64Url(point.subarray(1, 33)), y: toBase64Url(point.subarray(33))};
    const algorithm = {name: "ECDSA", namedCurve: "P-256"};
    const privateKey = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
    const publicKey = await crypto.subtle.importKey("raw", point, algorithm, true, ["verify"]);
    const message = codeMessage(raw, code.step);
    const own = await sign({privateKey, publicKey}, message);
    return {
        digits: vectors.digits.map(each => writeDigits(bytes(each))),
        message: hex(message),
        code: writeCode(raw, code.step, signature),
        own_code: writeCode(raw, code.step, own),
        proof: hex(proofMessage(phone.member_id, phone.device_id, bytes(phone.public_key))),
        point: hex(compressPoint(point)),
    };
}"""


async def test_the_browsers_modules_make_what_the_vectors_say(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await visitor.page.goto(faces.url(f"/card/{chain.code}/"))
    await visitor.page.wait_for_selector("[data-shown=join]")
    code, phone, certificate = VECTORS["code"], VECTORS["phone"], VECTORS["certificate"]
    vector = read_code(code["digits"])
    assert vector is not None
    asked = {
        "vectors": {"digits": [each["bytes"] for each in VECTORS["digits"]], "signature": vector.signature.hex()},
        "phone": phone,
        "certificate": certificate,
        "code": code,
    }
    made = await visitor.page.evaluate(COMPUTE, asked)
    assert made["digits"] == [each["digits"] for each in VECTORS["digits"]]
    assert made["message"] == code["signed"]
    assert made["code"] == code["digits"]
    assert made["proof"] == phone["proof_message"]
    assert made["point"] == phone["public_key"]
    own = read_code(made["own_code"])
    assert own is not None
    program = VECTORS["program"]
    keys = {bytes.fromhex(program["key_id"]): TrustedKey(bytes.fromhex(program["public_key"]), False)}
    assert judge_code(own, keys, datetime.fromisoformat(code["at"])) is None
    for number in ("2912345678906", "2000000000017", "2999999999990"):
        widths: str = await visitor.page.evaluate(
            "async number => (await import('noren/card/draw')).encodeCode128(number)", number
        )
        drawn = "".join("10"[place % 2] * int(width) for place, width in enumerate(widths))
        assert drawn == encode_number(number, "code128"), "the bars are the server's"

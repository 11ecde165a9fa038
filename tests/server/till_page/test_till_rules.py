"""The till's rules in the browser's own JavaScript, held against the vectors and against ours in Python."""

import random
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from coupons.redemptions.conditions import UseHours, is_within
from coupons.redemptions.offline_coupons import OfflineTerms, ProgramKey, judge_offline
from kit.ids import to_text
from kit.scanned_text import clean_scanned
from tests.cards.test_card_code_page import VECTORS
from tests.coupons.redemptions.test_offline_coupons import BARE, COUPON, FROM, KEYS, PUBLIC, SIGNING, TERMS
from tests.support.faces import ServedFaces
from tests.support.japanese_keyboard import wide
from tests.support.visitors import Visitor

JUDGE_CARDS = """async ({ key_id, public_key, cases }) => {
  const { importProgramKey, judgeCode, readCode } = await import("noren/till/card_code");
  const keys = new Map([[key_id, { key: await importProgramKey(public_key), isRevoked: false }]]);
  return Promise.all(cases.map(async ({ digits, at }) => {
    const code = readCode(digits);
    return code === null ? "not_a_code" : ((await judgeCode(code, keys, Date.parse(at))) ?? "good");
  }));
}"""
JUDGE_COUPONS = """async (cases) => {
  const { importProgramKey } = await import("noren/till/card_code");
  const { judgeCoupon, readOfflineCoupon } = await import("noren/till/offline_coupon");
  return Promise.all(cases.map(async ({ text, keys, terms, left, at }) => {
    const coupon = readOfflineCoupon(text);
    if (coupon === null) return "not_a_coupon";
    const known = new Map();
    for (const [id, key, isRevoked] of keys) known.set(id, { key: await importProgramKey(key), isRevoked });
    return judgeCoupon(coupon, known, terms ?? undefined, left ?? undefined, at);
  }));
}"""
CALL = """async ({ module, name, values }) => {
  const imported = await import(module);
  return values.map((each) => imported[name](...each));
}"""


async def call(visitor: Visitor, module: str, name: str, values: list[list[Any]]) -> list[Any]:
    asked = {"module": f"noren/till/{module}", "name": name, "values": values}
    return list(await visitor.page.evaluate(CALL, asked))


def judged_here(case: dict[str, Any]) -> str | None:
    terms = case["here"].get("terms", TERMS)
    return judge_offline(
        case["here"].get("coupon", COUPON),
        case["here"].get("keys", KEYS),
        terms,
        case["left"],
        case["here"].get("at", FROM),
    )


def coupon_case(left: int | Literal["voided"] | None = None, **here: Any) -> dict[str, Any]:
    terms: OfflineTerms | None = here.get("terms", TERMS)
    keys = here.get("keys", KEYS)
    withdrawn = None if terms is None or terms.withdrawn_at is None else terms.withdrawn_at.isoformat()
    return {
        "here": here,
        "left": left,
        "text": here.get("coupon", COUPON).to_text(),
        "keys": [[key_id.hex(), to_text(key.public_key), key.is_revoked] for key_id, key in keys.items()],
        "terms": terms and msgspec.to_builtins(terms) | {"withdrawn_at": withdrawn},
        "at": here.get("at", FROM).timestamp() * 1000,
    }


EVENING = UseHours(weekdays=[5], start="22:00", end="02:00")
COUPON_CASES = [
    coupon_case(),
    coupon_case(keys={}),
    coupon_case(keys={b"\xa1\xb2": ProgramKey(PUBLIC, is_revoked=True)}),
    coupon_case(coupon=msgspec.structs.replace(COUPON, uses=2)),
    coupon_case(terms=None),
    coupon_case(terms=None, at=FROM + timedelta(days=1)),
    coupon_case(left=0),
    coupon_case(left="voided"),
    coupon_case(left=1),
    coupon_case(at=FROM - timedelta(seconds=60)),
    coupon_case(at=FROM - timedelta(seconds=61)),
    coupon_case(terms=msgspec.structs.replace(TERMS, is_here=False)),
    coupon_case(terms=msgspec.structs.replace(TERMS, withdrawn_at=FROM)),
    coupon_case(terms=msgspec.structs.replace(TERMS, withdrawn_at=FROM + timedelta(seconds=1))),
    coupon_case(terms=msgspec.structs.replace(TERMS, hours=[UseHours(start="18:00", end="18:01")])),
    coupon_case(terms=msgspec.structs.replace(TERMS, hours=[EVENING])),
]
assert BARE.uses == 1
assert SIGNING.public_key().public_bytes_raw() == PUBLIC


async def test_it_judges_as_the_vectors_and_the_server_do(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await visitor.page.goto(faces.url(f"/till/{chain.code}/"))
    program = VECTORS["program"]
    told = {"key_id": program["key_id"], "public_key": to_text(bytes.fromhex(program["public_key"]))}
    verdicts = await visitor.page.evaluate(JUDGE_CARDS, told | {"cases": VECTORS["judged"]})
    assert verdicts == [case["verdict"] for case in VECTORS["judged"]]
    sent = [{name: value for name, value in case.items() if name != "here"} for case in COUPON_CASES]
    judged = await visitor.page.evaluate(JUDGE_COUPONS, sent)
    assert judged == [judged_here(case) for case in COUPON_CASES]
    assert len(set(judged)) == 12, "each reason, and none"
    texts = [make_text(random.Random(seed)) for seed in range(400)]
    cleaned = await call(visitor, "scanned_text", "cleanScanned", [[each] for each in texts])
    assert cleaned == [clean_scanned(each) for each in texts]
    await expect_points(visitor)
    await expect_hours(visitor)


def make_text(chosen: random.Random) -> str:
    kinds = "0123 -\u30fc\u2010\u2212\u2500]E0C\u3000\u200b\ufeff\x1d\r\n\u0301\uff9e\ufe0f\u00ad\u115f\u3164e" + wide(
        "12-Aa"
    )
    return "".join(chosen.choice(kinds) for _ in range(chosen.randrange(12)))


async def expect_points(visitor: Visitor) -> None:
    """Any point of the curve, either sign; no point where there is none."""
    keys = [generate_private_key(SECP256R1()).public_key() for _ in range(40)]
    compressed = [list(key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)) for key in keys]
    script = """async (points) => {
      const { expandPoint } = await import("noren/till/p256");
      return points.map((point) => { const found = expandPoint(Uint8Array.from(point)); return found && [...found]; });
    }"""
    expanded = await visitor.page.evaluate(script, compressed)
    assert expanded == [list(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)) for key in keys]
    assert {point[0] for point in compressed} == {2, 3}
    off_curve = [2, *bytes(31), 1]
    assert not is_on_curve(1)
    assert await visitor.page.evaluate(script, [off_curve, [4, *off_curve[1:]], [2, *b"\xff" * 32], [2]]) == [None] * 4


def is_on_curve(x: int) -> bool:
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    square = (x**3 - 3 * x + b) % p
    root = pow(square, (p + 1) // 4, p)
    return root * root % p == square and EllipticCurvePublicNumbers(x, root, SECP256R1()) is not None


async def expect_hours(visitor: Visitor) -> None:
    """Each hour of a week, against hours of every kind."""
    hours = [
        UseHours(),
        UseHours(start="14:00", end="17:00"),
        EVENING,
        UseHours(weekdays=[7, 1], start="09:30", end="09:30"),
    ]
    monday = datetime(2026, 11, 23)  # noqa: DTZ001 - the clock on the wall
    moments = [monday + timedelta(minutes=30 * step) for step in range(7 * 48)]
    asked = [
        [[msgspec.to_builtins(each)], {"weekday": at.isoweekday(), "time": at.strftime("%H:%M")}]
        for each in hours
        for at in moments
    ]
    here = [is_within([each], at) for each in hours for at in moments]
    assert await call(visitor, "offline_coupon", "isWithin", asked) == here

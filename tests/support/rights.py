"""Members who export or erase their data, over HTTP."""

import io
import json
import zipfile
from typing import Any

import httpx

from kit.clock import utc_now
from tests.support.inbox import fetch_code
from tests.support.lives import KEYRING, ok
from tests.support.proving import change_proof, let_a_minute_pass, let_means_stand
from tests.support.world import Caller, Chain, Json, Member

PHONE, EMAIL = "+819012345678", "hana@example.com"


async def verify_contact_of(chain: Chain, member: Member, value: str = PHONE, kind: str = "phone") -> None:
    """It has stood for long."""
    proof = await change_proof(chain, member)
    opened = ok(await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | proof))
    code = await fetch_code(chain.world.pool, KEYRING, value)
    ok(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
    await let_means_stand(chain.world.pool, chain.id)
    await let_a_minute_pass(chain)


async def code_proof(chain: Chain, member: Member, purpose: str, sent_to: str = PHONE, **wish: str) -> Json:
    """The code for it, as it came."""
    sent = ok(await member.app.post("/v1/me/data-codes", {"purpose": purpose} | wish))
    proof = {"code_id": sent["id"], "code": await fetch_code(chain.world.pool, KEYRING, sent_to)}
    await let_a_minute_pass(chain)
    return proof


async def both_proofs(chain: Chain, member: Member, sent_to: str = PHONE) -> Json:
    """With which a member is erased at once: a code, and the card, which has been on the phone for long."""
    phone = await member.take_card()
    proof = await code_proof(chain, member, "erasure", sent_to)
    await let_means_stand(chain.world.pool, chain.id)
    return proof | {"card_code": phone.make_code(utc_now())}


async def both_codes(chain: Chain, member: Member) -> Json:
    """As `both_proofs`, for a member who has a phone number and gets an e-mail address now."""
    await verify_contact_of(chain, member, EMAIL, "email")
    first = await code_proof(chain, member, "erasure", kind="phone")
    second = await code_proof(chain, member, "erasure", EMAIL, kind="email")
    return first | {"second_code_id": second["code_id"], "second_code": second["code"]}


async def export_with(caller: Caller, proof: Json, path: str = "/v1/me/export") -> dict[str, Any]:
    """The files' rows, by name without ending."""
    answer = await caller.post(path, proof)
    assert answer.status_code == 200, answer.text
    return read_export(answer)


def read_export(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    files = {name: archive.read(name) for name in archive.namelist()}
    assert "あなた" in files.pop("README.txt").decode()
    return {name.removesuffix(".json"): json.loads(content) for name, content in files.items()}


def off_by_one(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06d}"


async def state_of(chain: Chain, member: Member) -> str:
    state: str = await chain.world.pool.fetchval("SELECT state FROM members WHERE member_id = $1", member.id)
    return state

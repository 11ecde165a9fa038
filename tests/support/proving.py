"""What a member has stood for long, and shows it."""

import re
from uuid import UUID

import msgspec

from kit.database import Pool
from kit.sealing import Keyring
from tests.support.databases import SECRET_KEY
from tests.support.inbox import Letter, fetch_code
from tests.support.world import Chain, Json, Member

KEYRING = Keyring(SECRET_KEY)
_OBJECTION = re.compile(r"\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b")


async def let_means_stand(pool: Pool, program_id: UUID) -> None:
    """The contacts and cards of a program's members came days ago."""
    for table in ("handles", "card_keys"):
        await pool.execute(
            f"UPDATE {table} SET stands_at = stands_at - interval '4 days' WHERE program_id = $1", program_id
        )


async def let_a_minute_pass(chain: Chain) -> None:
    past = "UPDATE verification_code_counts SET last_sent_at = last_sent_at - interval '1 minute' WHERE program_id = $1"
    await chain.world.pool.execute(past, chain.id)


async def change_proof(chain: Chain, member: Member) -> Json:
    """With which the member may add or replace a contact: nothing where it is the first."""
    me = (await member.app.get("/v1/me")).json()
    contact = me["phone"] or me["email"]
    if contact is None:
        return {}
    await let_a_minute_pass(chain)
    sent = await member.app.post("/v1/me/data-codes", {"purpose": "change"})
    assert sent.status_code == 201, sent.text
    return {"code_id": sent.json()["id"], "proof_code": await fetch_code(chain.world.pool, KEYRING, contact)}


async def read_waiting(chain: Chain) -> list[Letter]:
    """The messages to members that wait, the oldest first."""
    rows = await chain.world.pool.fetch(
        "SELECT id, sealed_message FROM outbox"
        " WHERE sealed_message IS NOT NULL AND state = 'pending' AND program_id = $1 ORDER BY id",
        chain.id,
    )
    sealed = (KEYRING.unseal("message", row["id"].bytes, row["sealed_message"]) for row in rows)
    return [msgspec.json.decode(each, type=Letter) for each in sealed]


async def read_objection_codes(chain: Chain) -> dict[str, str]:
    """By recipient, the newest code in a message that waits, by which it is stopped what was done."""
    return {
        message.recipient: code for message in await read_waiting(chain) for code in _OBJECTION.findall(message.body)
    }

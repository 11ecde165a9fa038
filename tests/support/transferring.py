"""Two people and one phone number: who had it before, and who has it now."""

from datetime import timedelta
from typing import Any

from kit.clock import utc_now
from kit.sealing import Keyring
from tests.support.databases import SECRET_KEY
from tests.support.inbox import fetch_code
from tests.support.proving import change_proof, let_a_minute_pass, let_means_stand
from tests.support.stage import Stage
from tests.support.world import Chain, Json, Member

NUMBER = "+819012345678"
KEYRING = Keyring(SECRET_KEY)


def mail_of(stage: Stage) -> str:
    """The address of the stage's member."""
    return f"{stage.chain.code}@example.com"


async def confirm_contact(stage: Stage, member: Member, kind: str, value: str) -> Json:
    """The answer to the right code."""
    proof = await change_proof(stage.chain, member)
    await let_a_minute_pass(stage.chain)
    opened = made(await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | proof))
    code = await fetch_code(stage.chain.world.pool, KEYRING, value)
    answer: Json = made(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
    await let_means_stand(stage.chain.world.pool, stage.chain.id)
    return answer


async def reassign(stage: Stage) -> tuple[Member, Json]:
    """The stage's member has a number, an address and a history; a stranger confirms the number.

    Returns the stranger and the open transfer.
    """
    await confirm_contact(stage, stage.member, "phone", NUMBER)
    await confirm_contact(stage, stage.member, "email", mail_of(stage))
    stranger = await stage.chain.enrol()
    confirmed = await confirm_contact(stage, stranger, "phone", NUMBER)
    assert (confirmed["member_id"], confirmed["device_token"]) == (str(stranger.id), None)
    transfer: Json = confirmed["transfer"]
    return stranger, transfer


async def send_code(stage: Stage, asking: Member, transfer: Json, kind: str = "email") -> Json:
    """The proof by a code to the other contact."""
    await let_a_minute_pass(stage.chain)
    path = f"/v1/me/transfers/{transfer['id']}/codes"
    sent = made(await asking.app.post(path, {"kind": kind}))
    return {"code_id": sent["id"], "code": await fetch_code(stage.chain.world.pool, KEYRING, mail_of(stage))}


async def prove(asking: Member, transfer: Json, proof: Json, **request: Any) -> Any:
    return await asking.app.post(f"/v1/me/transfers/{transfer['id']}/prove", proof, **request)


async def last_visit(stage: Stage) -> Json:
    """The right answer."""
    (row,) = await stage.chain.world.pool.fetch(
        "SELECT store_id, business_day FROM visits WHERE member_id = $1", stage.member.id
    )
    return {"last_visit": {"store_id": str(row["store_id"]), "day": row["business_day"].isoformat()}}


async def let_days_pass(chain: Chain, days: float) -> None:
    """For the transfers that are open."""
    past = "UPDATE transfers SET created_at = created_at - $2::interval WHERE program_id = $1"
    await chain.world.pool.execute(past, chain.id, timedelta(days=days))


async def contacts_of(member: Member) -> tuple[str | None, str | None]:
    me = made(await member.app.get("/v1/me"))
    return me["phone"], me["email"]


async def balance_of(member: Member) -> int:
    balance: int = made(await member.app.get("/v1/me/points"))["balance"]
    return balance


async def card_code(stage: Stage, member: Member) -> Json:
    """What the member's card shows now, on a phone that has had it for long."""
    phone = await member.take_card()
    await let_means_stand(stage.chain.world.pool, stage.chain.id)
    return {"card_code": phone.make_code(utc_now())}


def made(response: Any) -> Any:
    assert response.status_code in {200, 201, 204}, response.text
    return response.json() if response.content else None


async def answer_as_of_last_week(chain: Chain) -> None:
    """In the open transfers the last visit was named rightly, and nobody objected in the week."""
    answered = "UPDATE transfers SET answers = 1, answered_at = created_at WHERE program_id = $1 AND state = 'open'"
    await chain.world.pool.execute(answered, chain.id)
    await let_days_pass(chain, 8)


async def settle(chain: Chain, asking: Member, confirmed: Json) -> Json:
    """The answer that ends a transfer, where one was opened: it is their card, and nobody objected in the week."""
    if confirmed["transfer"] is None:
        return confirmed
    await answer_as_of_last_week(chain)
    done: Json = made(await asking.app.post(f"/v1/me/transfers/{confirmed['transfer']['id']}/complete"))
    return done

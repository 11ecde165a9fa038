"""Messages, spending and health as pages, over HTTP: of one's own program."""

import re
from datetime import date
from uuid import UUID

from channels.phone.account import Credentials
from channels.phone.phone_accounts_repository import book_money, save_phone_account
from devtools.twilio_double import TwilioDouble
from kit.clock import utc_now
from kit.ids import new_id
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies
from tests.support.faces import ServedFaces
from tests.support.lives import KEYRING
from tests.support.signed_in import sign_in_as
from tests.support.stage import set_stage
from tests.support.telephony import account_of
from tests.support.world import Chain

USAGE, HEALTH = "/console/usage", "/console/health"
LATE_EMAIL = (
    "INSERT INTO outbox (member_id, id, program_id, channel, sealed_message, state, failure, attempts,"
    " next_attempt_at, expires_at, created_at)"
    " VALUES ($1, $2, $3, 'email', 'x', 'retryable', 'circuit_open', 1, now() - interval '9 minutes',"
    " now() + interval '1 hour', now())"
)


def found(page: str) -> dict[str, bool]:
    """Each part's heading, and whether it is fine."""
    signs = re.findall(r'<li class="(fine|amiss)">\s*<h2>(.+?) <span', page)
    return {heading: kind == "fine" for kind, heading in signs}


async def spend(chain: Chain, amount: int) -> None:
    async with chain.world.pool.acquire() as conn:
        account = account_of(chain.id, TwilioDouble(), credentials=Credentials(auth_token="secret-token"))
        await save_phone_account(conn, KEYRING, account, utc_now())
        day: date = account.day_of(utc_now())
        assert await book_money(conn, chain.id, day, amount, account.tariff, is_essential=True)


async def test_messages_and_money_are_ones_own(faces: ServedFaces) -> None:
    stage, rival = await set_stage(await faces.world.add_chain()), await faces.world.add_chain()
    changes = TallyChanges()
    changes.enter(stage.campaign_id, "sent", channel="email")
    async with faces.world.pool.acquire() as conn:
        await change_tallies(conn, changes)
    await spend(stage.chain, 900)
    owner, theirs = await sign_in_as(faces, stage.chain, "owner"), await sign_in_as(faces, rival, "owner")
    page = (await owner.open(USAGE)).text
    assert re.search(r"E-mail</th><td class=\"number right\" data-label=\"Sent\">1</td>", page)
    assert "¥900" in page
    assert "Any number" in page
    empty = (await theirs.open(USAGE)).text
    assert "No message has gone out yet" in empty
    assert "neither texts nor calls" in empty
    assert not found((await owner.open(HEALTH)).text)["Money for texts and calls"]
    assert found((await theirs.open(HEALTH)).text)["Money for texts and calls"]


async def test_what_waits_too_long_is_told_to_its_own_program(faces: ServedFaces) -> None:
    stage, rival = await set_stage(await faces.world.add_chain()), await faces.world.add_chain()
    await faces.world.pool.execute(LATE_EMAIL, UUID(str(stage.member.id)), new_id(), stage.chain.id)
    owner, theirs = await sign_in_as(faces, stage.chain, "owner"), await sign_in_as(faces, rival, "owner")
    page = (await owner.open(HEALTH)).text
    assert {part for part, is_fine in found(page).items() if not is_fine} >= {"Sending", "Providers"}
    assert "Messages wait for 9 minutes or more (E-mail)." in page
    rivals = found((await theirs.open(HEALTH)).text)
    assert rivals["Sending"]
    assert rivals["Providers"]
    assert "データベース" in (await theirs.open(HEALTH, "ja")).text

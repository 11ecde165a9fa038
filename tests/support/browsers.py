"""Browsers with a card: how they come to it, and what they leave on the server."""

from kit.clock import utc_now
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_secret
from members.devices_repository import find_device
from members.recovery import RecoverySecret
from members.recovery_repository import set_recovery_credential
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain, Member


async def keep_cookie(pool: Pool, member: Member) -> None:
    """As the card's page asks for it (server/card_page/recovery_routes.py), where no pages are served."""

    async def write(conn: Connection) -> None:
        device = await find_device(conn, member.id, member.device_id)
        assert device is not None
        await set_recovery_credential(conn, device, RecoverySecret(member.id, new_secret()), utc_now())

    await in_transaction(pool, write)


async def take_card(faces: ServedFaces, visitor: Visitor, chain: Chain, query: str = "") -> str:
    """From the poster's link to the code on the screen."""
    await visitor.page.goto(faces.url(f"/card/{chain.code}/{query}"))
    await visitor.page.click("[data-join]:enabled")
    return await read_code(visitor)


async def read_code(visitor: Visitor) -> str:
    await visitor.page.wait_for_selector("[data-card-code]")
    code = await visitor.page.get_attribute("[data-card-code]", "data-card-code")
    assert code is not None
    return code


async def wait_for_worker(visitor: Visitor) -> None:
    """From then on the page starts without a network."""
    await visitor.page.wait_for_selector("[data-starts-offline]")

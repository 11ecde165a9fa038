"""`lock_card_of_device`: a phone is about to change its member's card, and is still signed in when its turn comes."""

from cards import card_keys_repository
from kit.database import Connection
from members.device import Device
from members.devices_repository import find_device
from server.problems import not_found, unauthenticated


async def lock_card_of_device(conn: Connection, device: Device) -> None:
    """Lock the card until the commit. Raises Problem.

    A request that was let in may have waited here for the very device transfer that signed its phone out.
    """
    if not await card_keys_repository.lock_card(conn, device.member_id):
        raise not_found("card")
    if await find_device(conn, device.member_id, device.id) is None:
        raise unauthenticated()

"""`lock_card_of_device`: before a phone changes its member's card, check that it is still signed in."""

from cards import card_keys_repository
from kit.database import Connection
from members.device import Device
from members.devices_repository import find_device
from server.problems import not_found, unauthenticated


async def lock_card_of_device(conn: Connection, device: Device) -> str:
    """Lock the card until the commit; its number. Raises Problem.

    A request may have waited here for the device transfer that signed its phone out.
    """
    number = await card_keys_repository.lock_card(conn, device.member_id)
    if number is None:
        raise not_found("card")
    if await find_device(conn, device.member_id, device.id) is None:
        raise unauthenticated()
    return number

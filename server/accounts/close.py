"""`close`: a member leaves the program. Their history is kept until it is erased."""

from datetime import datetime

from audiences.facts_repository import open_facts
from cards import cards_repository
from channels.line import line_links_repository
from channels.messenger import messenger_links_repository
from geo.presences_repository import clear_places
from kit.database import Connection
from members import devices_repository, handles_repository, members_repository, verifications_repository
from members.aliases_repository import lock_members
from members.device import Device
from server.credentials.revoke_codes import revoke_codes
from server.problems import unauthenticated


async def close(conn: Connection, device: Device, now: datetime) -> None:
    """Contacts, LINE account and chat are free again, card and devices are revoked, presences are emptied."""
    await clear_places(conn, device.member_id)
    await lock_members(conn, [device.member_id])
    if await devices_repository.find_device(conn, device.member_id, device.id) is None:
        raise unauthenticated()  # signed out, blocked, closed or merged since the token was checked
    await members_repository.change_state(conn, device.program_id, device.member_id, "active", "closed", now)
    await devices_repository.revoke_devices(conn, device.member_id, now)
    await revoke_codes(conn, device.member_id, "closed", now)
    await cards_repository.revoke_card(conn, device.member_id)
    await verifications_repository.close_verifications(conn, device.member_id)
    await handles_repository.release_contacts(conn, device.member_id)
    await line_links_repository.delete_link(conn, device.member_id)
    await line_links_repository.delete_nonce(conn, device.member_id)
    await messenger_links_repository.delete_link(conn, device.member_id)
    await open_facts(conn, [device.member_id])

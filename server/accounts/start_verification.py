"""`claim`: a member says that a phone number or e-mail address is theirs; a code goes there.

The answer is the same whether somebody has the contact already or nobody: only the code tells, to who holds it.
"""

from collections.abc import Collection
from datetime import datetime

from channels.messages import ChannelKind
from kit.database import Connection
from kit.sealing import Keyring
from members.contacts import ContactKind, parse_contact, seal_contact
from members.device import Device
from programs import programs_repository
from server.accounts.send_code import Asked, Claimed, require_channel, send_code
from server.problems import Problem
from server.web.device_guard import lock_active_device


async def claim(
    conn: Connection,
    keyring: Keyring,
    channels: Collection[ChannelKind],
    device: Device,
    kind: ContactKind,
    text: str,
    now: datetime,
) -> Claimed:
    """Raises Problem; then no code goes out."""
    require_channel(channels, kind)
    settings = await programs_repository.find_enrolment_settings(conn, device.program_id)
    value = parse_contact(kind, text, settings.phone_region)
    if value is None:
        raise Problem("contact-unusable", "Let the person correct it; a phone number of another country begins with +.")
    contact = seal_contact(keyring, device.program_id, kind, value)
    asked = Asked(device.member_id, device.program_id, device.locale, "contact", "contact")
    claimed = await send_code(conn, keyring, asked, contact, value, now)
    await lock_active_device(conn, device)
    return claimed

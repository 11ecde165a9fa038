"""What a member is told on their contacts, with a code by which they object without a phone."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec

from channels.deliveries_repository import queue_message
from channels.messages import ChannelKind, Message
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.locales import Locale
from kit.sealing import Keyring
from members import members_repository
from members.contacts import Contact, unseal_contact
from members.objection_codes import write_objection_code
from programs import programs_repository
from server.accounts.send_code import CHANNEL_OF
from server.problems import not_found
from server.web.services import Services

# One that did not get through within a day is not sent again: the provider has given it up.
_LIFE = timedelta(hours=24)

# Of the recipient, their language, the program's name and the code.
WriteMessage = Callable[[str, Locale, str, str], Message]


class Telling(msgspec.Struct, frozen=True):
    """With what members are told: their contacts are sealed, and a channel may not be there."""

    keyring: Keyring
    channels: Collection[ChannelKind]

    @classmethod
    def of(cls, services: Services) -> "Telling":
        return cls(services.keyring, services.channels)


async def tell_contacts(
    conn: Connection,
    telling: Telling,
    program_id: ProgramId,
    member_id: MemberId,
    contacts: Collection[Contact],
    objection_secret: bytes,
    write_message: WriteMessage,
    now: datetime,
) -> None:
    """Contacts whose channel is not there are told nothing. Raises Problem."""
    member = await members_repository.find_member(conn, member_id)
    program = await programs_repository.find_program(conn, program_id)
    if member is None or program is None:
        raise not_found("member")
    code = write_objection_code(objection_secret)
    for contact in contacts:
        channel = CHANNEL_OF[contact.kind]
        if channel in telling.channels:
            value = unseal_contact(telling.keyring, program_id, contact)
            message = write_message(value, member.locale, program.name, code)
            await queue_message(conn, telling.keyring, member_id, program_id, channel, message, now, now + _LIFE)

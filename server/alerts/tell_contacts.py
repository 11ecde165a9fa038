"""What a member is told on their contacts; where it can be stopped, with a code for that which needs no phone."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from channels.deliveries_repository import queue_message
from channels.messages import Words, address
from channels.phone.phone_accounts_repository import has_sms
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.locales import Locale
from kit.sealing import Keyring
from members import members_repository
from members.contacts import Contact, ContactKind, unseal_contact
from members.objection_codes import write_objection_code
from outbox.kinds import ChannelKind
from programs import programs_repository
from server.problems import not_found
from server.web.services import Services

CHANNEL_OF: dict[ContactKind, Literal["sms", "email"]] = {"phone": "sms", "email": "email"}
# One that did not get through within a day is not sent again: the provider has given it up.
_LIFE = timedelta(hours=24)

# Of the recipient's language, the program's name and the code that stops it.
WriteMessage = Callable[[Locale, str, str], Words]


async def channels_of(
    conn: Connection, channels: Collection[ChannelKind], program_id: ProgramId
) -> Collection[ChannelKind]:
    """By what the program can write to contacts. `channels`: what every program has."""
    if "sms" in channels or not await has_sms(conn, program_id):
        return channels
    return frozenset({*channels, "sms"})


class Telling(msgspec.Struct, frozen=True):
    """With what members are told: their contacts are sealed, and a channel may not be there.

    `public_url`: of this server, for links; None: it has not been told.
    """

    keyring: Keyring
    channels: Collection[ChannelKind]
    public_url: str | None = None

    @classmethod
    def of(cls, services: Services) -> "Telling":
        return cls(services.keyring, services.channels, services.settings.public_url)


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """A member and the contacts of theirs that are told.

    `locale`: of one who is not there any more; None takes the member's. `life`: for how long it is tried.
    """

    program_id: ProgramId
    member_id: MemberId
    contacts: Collection[Contact]
    locale: Locale | None = None
    life: timedelta = _LIFE


async def tell_contacts(
    conn: Connection,
    telling: Telling,
    to: Addressee,
    objection_secret: bytes | None,
    write_message: WriteMessage,
    now: datetime,
) -> None:
    """Contacts whose channel is not there are told nothing. Raises Problem."""
    member = await members_repository.find_member(conn, to.member_id)
    program = await programs_repository.find_program(conn, to.program_id)
    if member is None or program is None:
        raise not_found("member")
    code = "" if objection_secret is None else write_objection_code(objection_secret)
    locale, expires_at = to.locale or member.locale, now + to.life
    channels = await channels_of(conn, telling.channels, program.id)
    for contact in to.contacts:
        channel = CHANNEL_OF[contact.kind]
        if channel in channels:
            recipient = unseal_contact(telling.keyring, program.id, contact)
            message = address(write_message(locale, program.name, code), channel, recipient)
            await queue_message(conn, telling.keyring, to.member_id, program.id, message, now, expires_at)

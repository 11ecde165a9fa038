"""`open_transfer`: a confirmed contact leads to another member. Before this phone becomes theirs, it must be proved
that they are one person (docs/decisions/0023); until then nothing of theirs moves or is shown, and they are told.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from cards import card_keys_repository
from channels.code_messages import write_transfer_notice
from channels.messages import Words
from ids import MemberId, TransferId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.pages import NEWEST, PageRequest
from members import handles_repository, transfers_repository
from members.aliases_repository import history_ids, lock_members
from members.contacts import Contact, ContactKind, HeldContact
from members.device import Device
from members.devices_repository import find_device
from members.objection_codes import new_objection_secret
from members.transfers import NewTransfer, Transfer, is_doubtful
from server.alerts.tell_contacts import Addressee, Telling, tell_contacts
from server.problems import Problem, unauthenticated
from visits.visit import MemberVisit
from visits.visits_repository import list_visits_of_member

TransferWay = Literal["phone", "email", "card_code", "last_visit"]


class OpenTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """The contact leads to another card. Ask the person: is it yours? Nothing of it is shown until they prove it."""

    id: TransferId
    """The id of the transfer."""
    kind: ContactKind
    """Which contact was confirmed."""
    opened_at: datetime
    """When it was confirmed."""
    expires_at: datetime
    """Until when it can be proved; after that, verify the contact again."""
    ways: list[TransferWay]
    """How to prove it: a code to the card's other contact (`phone`, `email`), the QR code that the card shows on the
    other phone (`card_code`), or where and when the card was last shown (`last_visit`). Empty: there is nothing to
    prove it by, and the week in which the card's owner can object stands in for the proof."""
    answers_left: int
    """How many answers about the last visit are left."""
    completes_at: datetime | None
    """The last visit was named rightly, the staff know that it is them, or `ways` is empty: complete the transfer from
    then on. Until then the card's owner can object. Null: it is yet to be proved."""


async def is_in_doubt(conn: Connection, holder_id: MemberId, now: datetime) -> bool:
    """Whether somebody else than the holder may have their contact by now."""
    visits = await _last_visits(conn, holder_id)
    signs = await transfers_repository.read_signs(conn, holder_id)
    if visits:
        signs = msgspec.structs.replace(signs, last_seen_at=max(signs.last_seen_at, visits[0].first_at))
    return is_doubtful(signs, now)


async def open_transfer(
    conn: Connection,
    telling: Telling,
    device: Device,
    holder_id: MemberId,
    contact: Contact,
    now: datetime,
) -> OpenTransfer:
    """The contact's handle is locked. The holder is told once. Raises Problem."""
    secret = new_objection_secret()
    new = NewTransfer(
        member_id=device.member_id,
        id=TransferId(new_id()),
        program_id=device.program_id,
        holder_id=holder_id,
        kind=contact.kind,
        value_hash=contact.value_hash,
        objection_secret=secret,
        created_at=now,
    )
    is_new = await transfers_repository.open_transfer(conn, new)
    transfer = await transfers_repository.read_open_transfer(conn, device.member_id, contact.kind)
    states = await lock_members(conn, [device.member_id, holder_id])
    if await find_device(conn, device.member_id, device.id) is None:  # signed out since the token was checked
        raise unauthenticated()
    if states[holder_id] == "blocked":
        raise Problem("member-blocked", "Tell the shopper to ask at a shop.")
    if is_new:
        await _tell_holder(conn, telling, transfer, secret, now)
    return await view_transfer(conn, transfer, now)


async def view_transfer(conn: Connection, transfer: Transfer, now: datetime) -> OpenTransfer:
    """As whoever asked for it may see it."""
    ways = await find_ways(conn, transfer, now)
    return OpenTransfer(
        id=transfer.id,
        kind=transfer.kind,
        opened_at=transfer.created_at,
        expires_at=transfer.expires_at,
        ways=ways,
        answers_left=await transfers_repository.count_answers_left(conn, transfer.holder_id, now),
        completes_at=None if ways and not transfer.waits else transfer.completes_at,
    )


async def find_ways(conn: Connection, transfer: Transfer, now: datetime) -> list[TransferWay]:
    """In which it can be proved now; none for a member with one contact who came to no store and shows no card."""
    holder_id = transfer.holder_id
    ways: list[TransferWay] = []
    others = await list_other_contacts(conn, holder_id, transfer.kind)
    ways += [contact.kind for contact in others if contact.stands(now)]
    key = await card_keys_repository.find_live_key(conn, holder_id)
    if key is not None and key.stands_at <= now:
        ways.append("card_code")
    if await _last_visits(conn, holder_id):
        ways.append("last_visit")
    return ways


async def find_last_visits(conn: Connection, holder_id: MemberId) -> Sequence[MemberVisit]:
    """Those of the last business day on which the member came; there may be none."""
    visits = await _last_visits(conn, holder_id)
    return [visit for visit in visits if visit.business_day == visits[0].business_day]


async def _last_visits(conn: Connection, holder_id: MemberId) -> Sequence[MemberVisit]:
    return await list_visits_of_member(conn, await history_ids(conn, holder_id), PageRequest(NEWEST, 1))


async def list_other_contacts(conn: Connection, holder_id: MemberId, confirmed: ContactKind) -> Sequence[HeldContact]:
    contacts = await handles_repository.list_contacts(conn, holder_id)
    return [contact for contact in contacts if contact.kind != confirmed]


async def _tell_holder(conn: Connection, telling: Telling, transfer: Transfer, secret: bytes, now: datetime) -> None:
    """On every contact that is left to them. Their phones list it (GET /v1/me/transfers)."""
    contacts = await list_other_contacts(conn, transfer.holder_id, transfer.kind)

    def write(locale: Locale, program_name: str, code: str) -> Words:
        return write_transfer_notice(locale, program_name, transfer.kind, code)

    to = Addressee(program_id=transfer.program_id, member_id=transfer.holder_id, contacts=contacts)
    await tell_contacts(conn, telling, to, secret, write, now)

"""A member begins to write to the program's page, and the page learns who they are.

The app opens Messenger by an address with a nonce of ours (`ref`); Meta brings it back with what the page knows the
person by.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from channels.messenger.credentials import hash_user, seal_user
from channels.messenger.messenger_links_repository import (
    MessengerLink,
    delete_link,
    find_link,
    find_link_of_account,
    find_nonce,
    insert_link,
    note_message,
    take_nonce,
    upsert_nonce,
)
from channels.messenger.webhook import Contacted
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import digest, from_text, new_secret, to_text
from kit.sealing import Keyring
from members.aliases_repository import lock_members

NONCE_LIFE = timedelta(minutes=10)
_OPEN = "https://m.me"


class PersonTaken(Exception):
    """The person is another member's already. Raised so that nothing of the transaction stays."""


async def begin_link(
    conn: Connection, program_id: ProgramId, member_id: MemberId, page_id: str, now: datetime
) -> tuple[str, datetime]:
    """The address that opens the chat with the page, and until when it links. The member is locked."""
    secret = new_secret()
    expires_at = now + NONCE_LIFE
    await upsert_nonce(conn, program_id, member_id, digest(secret), expires_at)
    return f"{_OPEN}/{page_id}?{urlencode({'ref': to_text(secret)})}", expires_at


async def take_contact(
    conn: Connection, keyring: Keyring, program_id: ProgramId, contact: Contacted, now: datetime
) -> None:
    """Somebody unknown changes nothing. A time that is yet to come counts as now. Raises PersonTaken."""
    user_hash, at = hash_user(keyring, program_id, contact.user_id), min(contact.at, now)
    if contact.ref is not None:
        await _link(conn, keyring, program_id, contact, user_hash, now)
    await note_message(conn, program_id, user_hash, at)


async def _link(
    conn: Connection, keyring: Keyring, program_id: ProgramId, contact: Contacted, user_hash: bytes, now: datetime
) -> None:
    try:
        nonce_hash = digest(from_text(contact.ref or ""))
    except ValueError:
        return  # a link of the page's own
    member_id = await find_nonce(conn, program_id, nonce_hash)
    if member_id is None:
        return
    states = await lock_members(conn, [member_id])
    if states[member_id] != "active" or not await take_nonce(conn, member_id, nonce_hash, now):
        return
    former = await find_link(conn, member_id)
    if former is not None and former.user_hash == user_hash:
        return
    if await find_link_of_account(conn, program_id, user_hash) is not None:
        raise PersonTaken
    await delete_link(conn, member_id)
    link = MessengerLink(
        member_id=member_id,
        program_id=program_id,
        user_hash=user_hash,
        sealed_user_id=seal_user(keyring, program_id, contact.user_id),
        linked_at=now,
        last_wrote_at=min(contact.at, now),
    )
    if not await insert_link(conn, link):
        raise PersonTaken

"""A member and a LINE account become linked, and apart again.

One way in is LINE's own account link: the chat gives a link token, the app adds a nonce of ours, LINE asks the person
and tells the webhook. The other is an ID token of the program's LIFF or MINI App.
"""

from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from channels.line.credentials import hash_user, seal_user
from channels.line.line_links_repository import (
    LineLink,
    delete_link,
    delete_nonce,
    find_link,
    find_link_of_account,
    find_nonce,
    insert_link,
    take_nonce,
    upsert_nonce,
)
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import digest, new_secret, to_text
from kit.sealing import Keyring
from members.aliases_repository import lock_members
from members.handles_repository import list_contacts
from members.standing import stands_from

# As long as LINE's link token is good.
NONCE_LIFE = timedelta(minutes=10)
_DIALOG = "https://access.line.me/dialog/bot/accountLink"

LinkResult = Literal["linked", "expired", "taken"]


class AccountTaken(Exception):
    """The LINE account is another member's. Raised so that nothing of the transaction stays."""


async def begin_link(
    conn: Connection, program_id: ProgramId, member_id: MemberId, link_token: str, now: datetime
) -> tuple[str, datetime]:
    """The address at LINE where the person agrees, and until when. The member is locked.

    Its nonce is 256 random bits: who could guess another member's nonce would bind their own account to that member.
    """
    secret = new_secret()
    expires_at = now + NONCE_LIFE
    await upsert_nonce(conn, program_id, member_id, digest(secret), expires_at)
    return f"{_DIALOG}?{urlencode({'linkToken': link_token, 'nonce': to_text(secret)})}", expires_at


async def complete_link(
    conn: Connection, keyring: Keyring, program_id: ProgramId, user_id: str, nonce: bytes, now: datetime
) -> LinkResult:
    """What LINE tells by `accountLink`. The same event twice links once. Raises AccountTaken."""
    nonce_hash = digest(nonce)
    member_id = await find_nonce(conn, program_id, nonce_hash)
    if member_id is not None:
        states = await lock_members(conn, [member_id])
        if states[member_id] == "active" and await take_nonce(conn, member_id, nonce_hash, now):
            await link_account(conn, keyring, program_id, member_id, user_id, now)
            return "linked"
    return "expired"


async def link_account(
    conn: Connection, keyring: Keyring, program_id: ProgramId, member_id: MemberId, user_id: str, now: datetime
) -> LineLink:
    """The member is locked. An account that they had before is unlinked. Raises AccountTaken."""
    user_hash = hash_user(keyring, program_id, user_id)
    former = await find_link(conn, member_id)
    if former is not None and former.user_hash == user_hash:
        return former
    holder = await find_link_of_account(conn, program_id, user_hash)
    if holder is not None:
        raise AccountTaken
    await delete_link(conn, member_id)
    is_first = former is None and not await list_contacts(conn, member_id)
    link = LineLink(
        member_id=member_id,
        program_id=program_id,
        user_hash=user_hash,
        sealed_user_id=seal_user(keyring, program_id, user_id),
        linked_at=now,
        stands_at=stands_from(now, is_first=is_first),
        blocked_at=None,
    )
    if not await insert_link(conn, link):  # somebody else's since we looked
        raise AccountTaken
    return link


async def unlink(conn: Connection, member_id: MemberId) -> LineLink | None:
    """What was linked. A link under way ends too."""
    await delete_nonce(conn, member_id)
    return await delete_link(conn, member_id)

"""What an event of LINE's changes, and what the chat is to answer."""

from datetime import datetime
from typing import Literal

from channels.line.credentials import hash_user
from channels.line.line_channels_repository import LineChannelRow
from channels.line.line_links_repository import find_link_of_account, set_friendship
from channels.line.texts import Command, Said, read_postback, read_text
from channels.line.webhook import LineEvent
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import from_text
from kit.sealing import Keyring
from members.aliases_repository import lock_members
from server.line.link_member import complete_link, unlink

# Beside what is only said: the button that begins the link, the question before an unlink, the card, the coupons.
Reply = Said | Literal["invite", "ask_to_unlink", "card", "coupons"]


async def apply_event(
    conn: Connection, keyring: Keyring, channel: LineChannelRow, event: LineEvent, now: datetime
) -> Reply | None:
    """An event of a kind that means nothing here, and of somebody unknown, changes nothing. Raises AccountTaken."""
    program_id = channel.program_id
    if event.user_id is None:
        return None
    user_hash = hash_user(keyring, program_id, event.user_id)
    if event.type in ("follow", "unfollow"):
        is_friend = event.type == "follow"
        await set_friendship(conn, program_id, user_hash, is_friend=is_friend, at=event.at)
        return await _greet(conn, program_id, user_hash) if is_friend else None
    if event.type == "accountLink":
        return await _complete(conn, keyring, program_id, event, now)
    command = _read_command(event)
    return None if command is None else await _obey(conn, program_id, user_hash, command)


def _read_command(event: LineEvent) -> Command | None:
    if event.type == "postback":
        return read_postback(event.text_of("postback", "data") or "")
    if event.type == "message":
        return read_text(event.text_of("message", "text") or "")
    return None


async def _greet(conn: Connection, program_id: ProgramId, user_hash: bytes) -> Reply:
    return "invite" if await find_link_of_account(conn, program_id, user_hash) is None else "welcome_back"


async def _complete(
    conn: Connection, keyring: Keyring, program_id: ProgramId, event: LineEvent, now: datetime
) -> Reply | None:
    if event.text_of("link", "result") != "ok" or event.user_id is None:
        return None  # LINE has told the person
    try:
        nonce = from_text(event.text_of("link", "nonce") or "")
    except ValueError:
        return "expired"
    result = await complete_link(conn, keyring, program_id, event.user_id, nonce, now)
    if result == "expired" and await find_link_of_account(
        conn, program_id, hash_user(keyring, program_id, event.user_id)
    ):
        return "already_linked"  # by this very event, which is handled again
    return result


async def _obey(conn: Connection, program_id: ProgramId, user_hash: bytes, command: Command) -> Reply:
    link = await find_link_of_account(conn, program_id, user_hash)
    if command == "link":
        return "invite" if link is None else "already_linked"
    if link is None:
        return "not_linked" if command in ("unlink", "unlink-confirmed") else "invite"
    if command == "unlink":
        return "ask_to_unlink"
    if command == "unlink-confirmed":
        return await _unlink(conn, program_id, user_hash, link.member_id)
    return command


async def _unlink(conn: Connection, program_id: ProgramId, user_hash: bytes, member_id: MemberId) -> Reply:
    """The member is locked first, as everywhere; by then the account may be somebody else's."""
    await lock_members(conn, [member_id])
    link = await find_link_of_account(conn, program_id, user_hash)
    if link is None or link.member_id != member_id:
        return "not_linked"
    await unlink(conn, member_id)
    return "unlinked"

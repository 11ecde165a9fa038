"""What the official account answers in its chat: the words, and the buttons with what LINE gives for them."""

import msgspec

from channels.line.api import Json
from channels.line.credentials import hash_user
from channels.line.flex import build_card, build_coupons
from channels.line.line_channels_repository import LineChannelRow
from channels.line.line_links_repository import find_link_of_account
from channels.line.texts import ask_to_unlink, invite, say
from kit.database import Connection, connect
from members.members_repository import find_member
from programs.programs_repository import Program, find_program
from server.line.apply_event import Reply
from server.line.line_work import LineWork
from server.line.link_page import add_parameter
from server.line.read_faces import Reader, read_card, read_coupons


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is to be answered, by whose account."""

    channel: LineChannelRow
    user_id: str
    reply: Reply


async def compose_reply(work: LineWork, token: str, asked: Asked) -> list[Json]:
    """None where there is nothing to say. Raises LineFailure."""
    async with connect(work.pool) as conn:
        program = await find_program(conn, asked.channel.program_id)
        if program is None:
            return []
        reader = await _find_reader(conn, work, program, asked)
        if reader is not None and asked.reply == "card":
            face = await read_card(conn, reader, work.clock())
            return [] if face is None else [build_card(face, reader.locale, program.name)]
        if reader is not None and asked.reply == "coupons":
            return [build_coupons(await read_coupons(conn, reader, work.clock()), reader.locale, program.name)]
    locale = program.default_locale if reader is None else reader.locale
    if asked.reply == "invite":
        if asked.channel.link_url is None:
            return []
        link_token = await work.api.issue_link_token(token, asked.user_id)
        return [invite(locale, program.name, add_parameter(asked.channel.link_url, "linkToken", link_token))]
    if asked.reply == "ask_to_unlink":
        return [ask_to_unlink(locale, program.name)]
    if asked.reply == "card":  # unlinked since it was asked for
        return []
    if asked.reply == "coupons":
        return []
    return [say(asked.reply, locale, program.name)]


async def _find_reader(conn: Connection, work: LineWork, program: Program, asked: Asked) -> Reader | None:
    """None where the account is nobody's."""
    user_hash = hash_user(work.keyring, program.id, asked.user_id)
    link = await find_link_of_account(conn, program.id, user_hash)
    member = None if link is None else await find_member(conn, link.member_id)
    if member is None:
        return None
    return Reader(
        program=program,
        member_id=member.member_id,
        locale=member.locale,
        link_url=asked.channel.link_url,
        public_url=work.public_url,
    )

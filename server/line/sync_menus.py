"""The worker's part of rich menus: LINE is sent what the staff have changed, and shows each account what it is to see.

Found by polling our own database, so that no link and no rank does any work for it. What is done twice, by two workers
or after one died, shows the same.
"""

import asyncio
from datetime import timedelta

import msgspec
import structlog

from channels.line.credentials import hash_user, unseal_credentials, unseal_user
from channels.line.line_channels_repository import find_channel
from channels.line.line_links_repository import find_link_of_account
from channels.line.line_menus_repository import (
    LineMenu,
    MenuEnding,
    delete_ending,
    lease_endings,
    lease_menus,
    postpone_ending,
    record_menu_fault,
    record_published,
    set_shown,
)
from channels.line.menus import NOT_LINKED, describe_menu, read_picture
from channels.line.outcomes import LineBusy, LineFailure
from ids import MemberId, ProgramId
from kit.database import connect, in_statement
from kit.sql import load_queries
from server.line.line_work import LineWork

QUERIES = load_queries(__file__, "menus.sql")
AT_ONCE = 50
_LEASE_S = 120.0
_AGAIN = timedelta(minutes=1)

log = structlog.get_logger()


class _OutOfDate(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    program_id: ProgramId
    user_hash: bytes
    sealed_user_id: bytes
    menu_id: str | None


async def sync_menus(work: LineWork) -> int:
    """Returns how much there was to do. Raises DatabaseUnavailable."""
    now = work.clock()
    menus = await in_statement(work.pool, lambda conn: lease_menus(conn, now, limit=AT_ONCE, lease_s=_LEASE_S))
    await asyncio.gather(*(_publish(work, menu) for menu in menus))
    async with connect(work.pool) as conn:
        stale = [_OutOfDate(**row) for row in await conn.fetch(QUERIES.list_out_of_date, AT_ONCE)]
    await asyncio.gather(*(_show(work, each) for each in stale))
    endings = await in_statement(work.pool, lambda conn: lease_endings(conn, now, limit=AT_ONCE, lease_s=_LEASE_S))
    await asyncio.gather(*(_end(work, ending) for ending in endings))
    return len(menus) + len(stale) + len(endings)


async def _publish(work: LineWork, menu: LineMenu) -> None:
    token, picture = await _find_token(work, menu.program_id), read_picture(menu.picture)
    if token is None or picture is None:  # no channel yet: it is tried again then
        async with connect(work.pool) as conn:
            await record_menu_fault(conn, menu, "line_not_configured", work.clock() + _AGAIN)
        return
    described = describe_menu(menu.state, menu.chat_bar_text, picture, menu.areas)
    try:
        menu_id = await work.api.publish_menu(token, described, menu.picture, picture.media_type)
        if menu.state == NOT_LINKED:
            await work.api.show_to_all(token, menu_id)
    except LineFailure as failure:
        again_at = work.clock() + _AGAIN if isinstance(failure, LineBusy) else None
        async with connect(work.pool) as conn:
            await record_menu_fault(conn, menu, failure.reason, again_at)
        return
    async with connect(work.pool) as conn:
        await record_published(conn, menu, menu_id, work.clock())


async def _show(work: LineWork, stale: _OutOfDate) -> None:
    token = await _find_token(work, stale.program_id)
    if token is None:
        return
    user_id = unseal_user(work.keyring, stale.program_id, stale.sealed_user_id)
    try:
        await work.api.show_to_user(token, user_id, stale.menu_id)
    except LineBusy as busy:
        log.warning("line.busy", reason=busy.reason)
        return
    except LineFailure as refused:  # they see what everybody sees, until their menu is another one
        log.info("line.menu_not_shown", reason=refused.reason)
    async with connect(work.pool) as conn:
        await set_shown(conn, stale.member_id, stale.user_hash, stale.menu_id)


async def _end(work: LineWork, ending: MenuEnding) -> None:
    token = await _find_token(work, ending.program_id)
    try:
        if token is not None and ending.menu_id is not None:
            await work.api.delete_menu(token, ending.menu_id)
        if token is not None and ending.sealed_user_id is not None:
            await _show_what_everybody_sees(work, token, ending.program_id, ending.sealed_user_id)
    except LineBusy:
        async with connect(work.pool) as conn:
            await postpone_ending(conn, ending.id, work.clock() + _AGAIN)
        return
    except LineFailure as refused:  # LINE does not know it any more
        log.info("line.menu_not_ended", reason=refused.reason)
    async with connect(work.pool) as conn:
        await delete_ending(conn, ending.id)


async def _show_what_everybody_sees(work: LineWork, token: str, program_id: ProgramId, sealed_user_id: bytes) -> None:
    """Not where the account is linked again by now: it has a menu of its own then."""
    user_id = unseal_user(work.keyring, program_id, sealed_user_id)
    async with connect(work.pool) as conn:
        link = await find_link_of_account(conn, program_id, hash_user(work.keyring, program_id, user_id))
    if link is None:
        await work.api.show_to_user(token, user_id, None)


async def _find_token(work: LineWork, program_id: ProgramId) -> str | None:
    async with connect(work.pool) as conn:
        channel = await find_channel(conn, program_id)
    if channel is None:
        return None
    return unseal_credentials(work.keyring, program_id, channel.sealed_credentials).access_token

"""Sign-in by LINE: who has linked their account gets a device of their member, in a LIFF or MINI App."""

import time
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, post
from litestar.params import JSONBody

from channels.line.credentials import hash_user
from channels.line.line_links_repository import find_link_of_account
from geo.presences_repository import create_presences
from ids import DeviceId, MemberId, ProgramId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.ids import new_id, new_secret
from members import devices_repository, members_repository
from members.aliases_repository import lock_members
from members.device import NewDevice, Platform
from programs.programs_repository import find_program_by_code
from server.line.find_channel import require_login_channel
from server.line.own_link_routes import LineToken
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import ServicesDependency
from server.web.fields import AppVersion, Body
from server.web.networks import network_of
from server.web.tokens import DeviceToken, write_token


class LineSignInRequest(Body, frozen=True):
    """Somebody has opened the program's LIFF or MINI App."""

    program: Annotated[str, msgspec.Meta(max_length=40, examples=["kissa-sakura"])]
    """The program's code, as its owner has chosen it."""
    id_token: LineToken
    """The ID token (`liff.getIDToken()`), never a profile."""
    platform: Platform
    """The phone's operating system."""
    app_version: AppVersion | None = None
    """The version of the LIFF or MINI App."""


class LineSignIn(msgspec.Struct, frozen=True):
    """A device of the member whose LINE account it is."""

    member_id: MemberId
    """The id of the member."""
    device_id: DeviceId
    """The id of this device."""
    device_token: str
    """The bearer token of this device. It is sent only in this answer: store it."""


class LineSignInController(Controller):
    path = "/v1/line-sign-ins"
    tags = ("LINE",)

    @post(operation_id="signInByLine", summary="Sign in by a LINE account that is linked", status_code=200)
    async def sign_in_by_line(
        self, data: JSONBody[LineSignInRequest], request: Call, services: ServicesDependency
    ) -> LineSignIn:
        """LINE is asked whose the token is. Where it is nobody's, enrol by POST /v1/members and link the account by PUT
        /v1/me/line.
        """
        address = network_of(request)
        wait_s = services.verification_throttle.wait_s(f"line:{address}", time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you sign in again.", retry_after_s=int(wait_s) + 1)
        async with connect(services.pool) as conn:
            program = await find_program_by_code(conn, data.program)
            if program is None:
                raise Problem(
                    "not-found", "There is no program of this code; take the one that the program's owner gave you."
                )
            login_channel_id = await require_login_channel(conn, program.id)
        user_id = await services.line_login.verify(data.id_token, login_channel_id)
        user_hash = hash_user(services.keyring, program.id, user_id)

        async def work(conn: Connection) -> LineSignIn:
            return await _sign_in(conn, program.id, user_hash, data, utc_now())

        return await in_transaction(services.pool, work)


async def _sign_in(
    conn: Connection, program_id: ProgramId, user_hash: bytes, asked: LineSignInRequest, now: datetime
) -> LineSignIn:
    """Raises Problem."""
    found = await find_link_of_account(conn, program_id, user_hash)
    state = None if found is None else (await lock_members(conn, [found.member_id]))[found.member_id]
    link = await find_link_of_account(conn, program_id, user_hash)
    if found is None or link is None or link.member_id != found.member_id or state not in ("active", "blocked"):
        raise Problem("line-not-linked", "Enrol, or use the phone that has the card, and link the account there.")
    if state == "blocked":
        raise Problem("member-blocked", "Tell the shopper to ask at a shop.")
    if link.stands_at > now:
        raise Problem(
            "proof-too-new", "The account was linked less than three days ago; use the phone that has the card so long."
        )
    member = await members_repository.find_member(conn, link.member_id)
    if member is None:
        raise Problem("line-not-linked", "Enrol, and link the account.")
    token = DeviceToken(link.member_id, DeviceId(new_id()), new_secret())
    device = NewDevice(
        member_id=token.member_id,
        id=token.device_id,
        program_id=program_id,
        platform=asked.platform,
        app_version=asked.app_version,
        locale=member.locale,
        token_hash=token.secret_hash,
        created_at=now,
    )
    await devices_repository.create_devices(conn, [device])
    await create_presences(conn, [(device.member_id, device.id, program_id)])
    return LineSignIn(token.member_id, token.device_id, write_token(token))

"""The cookie that brings a card back to a browser which has lost what scripts keep (docs/decisions/0090)."""

import time
from functools import partial

from litestar import Controller, Response, delete, post
from litestar.datastructures import Cookie
from litestar.params import FromPath

from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.ids import new_secret
from members.device import Device
from members.recovery import LIFE, RecoverySecret, read_recovery_secret, write_recovery_secret
from members.recovery_repository import (
    delete_recovery_credential,
    find_recoverable_device,
    set_recovery_credential,
)
from server.card_page.recover import RecoveredDevice, recover
from server.faces.pages import PageRequest, origin_of
from server.faces.programs import find_program_of
from server.problems import Problem, not_found, unauthenticated
from server.web.auth import find_principal
from server.web.dependencies import ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.networks import network_of
from server.web.services import Services
from server.web.tokens import DeviceToken, read_bearer

_UNKEPT = {"Cache-Control": "no-store"}


class RecoveryController(Controller):
    path = "/card/{code:str}/recovery"

    @post(status_code=204)
    async def set_cookie(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[None]:
        """By who shows the device's token. Raises Problem. A cookie that is good goes on: a copy of it may be about."""
        device = await _find_device(request, services)
        former, now = read_cookie(request), utc_now()

        async def work(conn: Connection) -> RecoverySecret:
            if (await find_program_of(conn, code)).id != device.program_id:
                raise not_found("card")
            await lock_active_device(conn, device)
            held = RecoverySecret(device.member_id, new_secret())
            if former is not None and await find_recoverable_device(conn, device.program_id, former, now) == device.id:
                held = former
            await set_recovery_credential(conn, device, held, now)
            return held

        held = await in_transaction(services.pool, work)
        return Response(None, status_code=204, headers=dict(_UNKEPT), cookies=[_make_cookie(request, code, held)])

    @post("/device", status_code=201)
    async def give_device(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[RecoveredDevice] | Response[None]:
        """By who sends the cookie. Raises Problem."""
        held = read_cookie(request)
        if held is None:
            return Response(None, status_code=204, headers=dict(_UNKEPT))
        wait_s = services.recovery_throttle.wait_s(network_of(request), time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
        recovering = partial(recover, program_id=program.id, held=held, now=utc_now())
        recovered = await in_transaction(services.pool, recovering)
        if recovered is None:
            cookies = [_make_empty_cookie(request, code)]
            return Response(None, status_code=204, headers=dict(_UNKEPT), cookies=cookies)
        return Response(recovered, headers=dict(_UNKEPT), cookies=[_make_cookie(request, code, held)])

    @delete(status_code=204)
    async def end_cookie(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[None]:
        """For who takes the card off this browser. Raises Problem: no text that is no program's goes into a cookie."""
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
        held = read_cookie(request)
        if held is not None:
            await in_transaction(services.pool, partial(delete_recovery_credential, held=held))
        return Response(
            None, status_code=204, headers=dict(_UNKEPT), cookies=[_make_empty_cookie(request, program.code)]
        )


async def _find_device(request: PageRequest, services: Services) -> Device:
    token = read_bearer(request.headers.get("authorization"))
    device = await find_principal(services, token) if isinstance(token, DeviceToken) else None
    if not isinstance(device, Device):
        raise unauthenticated()
    return device


def has_cookie(request: PageRequest) -> bool:
    """Whether it is worth asking. Nobody has looked at what it holds."""
    return read_cookie(request) is not None


def read_cookie(request: PageRequest) -> RecoverySecret | None:
    return read_recovery_secret(request.cookies.get(cookie_name(origin_of(request)), ""))


def cookie_name(origin: str) -> str:
    """`__Secure-`: over TLS alone can it be set (RFC 6265bis, 4.1.3.1). `__Host-` would forbid its path."""
    return "__Secure-noren-card" if origin.startswith("https://") else "noren-card"


def _make_cookie(request: PageRequest, code: str, held: RecoverySecret) -> Cookie:
    return _cookie(request, code, write_recovery_secret(held), int(LIFE.total_seconds()))


def _make_empty_cookie(request: PageRequest, code: str) -> Cookie:
    return _cookie(request, code, "", 0)


def _cookie(request: PageRequest, code: str, value: str, max_age: int) -> Cookie:
    """To this program's pages alone: not to `/v1`, and to no other program's."""
    origin = origin_of(request)
    return Cookie(
        key=cookie_name(origin),
        value=value,
        path=f"/card/{code}/",
        max_age=max_age,
        secure=origin.startswith("https://"),
        httponly=True,
        samesite="strict",
    )

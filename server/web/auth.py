"""Who is calling: from the bearer token to a principal, and from the route to whether they may."""

import hmac
from typing import TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import BaseRouteHandler

from cards.apple_registration import PassId
from cards.pass_tokens import is_pass_token, read_serial_number
from kit.clock import utc_now
from kit.database import connect
from members.device import Device, is_news
from members.devices_repository import (
    authenticate_device,
    find_blocked_device,
    find_merged_device,
    set_last_seen,
)
from programs.staff_repository import Session, find_session
from programs.tills_repository import Till
from server.problems import Problem, unauthenticated
from server.runtime.apple_wallet import require_apple_wallet
from server.web.access import ROUTES
from server.web.roles import Role
from server.web.services import Services
from server.web.tokens import DeviceToken, LocateToken, SessionToken, TillKey, Token, read_basic, read_bearer

Principal: TypeAlias = Session | Till | Device
Call: TypeAlias = Request[Principal, Token, State]


# What somebody may do who has no second factor though the program demands one.
_FACTORLESS = frozenset({"/v1/sessions/current", "/v1/sessions/current/password"})
_NOT_THIS_PASS = Problem("unauthenticated", "Send the token that is in this pass as 'Authorization: ApplePass …'.")


async def authorize(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Litestar guard of all routes but the batched ones. Sets `user` and `auth` of the request; raises Problem."""
    roles = ROUTES.get((str(connection.scope.get("method")), connection.scope["path_template"]))
    if roles is None:  # OPTIONS, which Litestar answers by itself for every path
        raise MethodNotAllowedException
    if "anyone" in roles:
        return
    services: Services = connection.app.state.services
    if "operator" in roles:
        _require_operator(connection, services)
        return
    if "apple_pass" in roles:
        connection.scope["user"] = _require_pass(connection, services)
        return
    scope = connection.scope
    scope["user"], scope["auth"] = await identify_caller(
        services, str(scope.get("method")), scope["path_template"], connection.headers.get("authorization")
    )


async def identify_caller(
    services: Services, method: str, route: str, authorization: str | None
) -> tuple[Principal, Token]:
    """Of a route that takes a bearer token. Raises Problem for whoever may not call it."""
    roles = ROUTES[method, route]
    token = read_bearer(authorization)
    if isinstance(token, LocateToken):
        raise Problem("forbidden", "A locate token uploads locations and does nothing else; use the device's token.")
    principal = await find_principal(services, token) if token else None
    if principal is None and isinstance(token, DeviceToken):
        principal = await _find_former(services, token, roles)
    if token is None or principal is None:
        raise await _refusal(services, token)
    if role_of(principal) not in roles:
        raise Problem("forbidden", "Use a credential of another kind; /docs says which one this route takes.")
    if isinstance(principal, Session) and principal.lacks_factor and route not in _FACTORLESS:
        raise Problem("second-factor-missing", "Sign in to the console, and add an authenticator or a passkey there.")
    return principal, token


async def find_principal(services: Services, token: SessionToken | TillKey | DeviceToken) -> Principal | None:
    """None for a token that is unknown, revoked or expired."""
    if isinstance(token, TillKey):
        return await services.authenticating.submit(token)
    async with connect(services.pool) as conn:
        if isinstance(token, SessionToken):
            return await find_session(conn, token.secret, utc_now())
        now = utc_now()
        device = await authenticate_device(conn, token.member_id, token.device_id, token.secret, now)
        if device is not None and is_news(device.last_seen_at, now):
            await set_last_seen(conn, [(device.member_id, device.id)], now)
        return device


async def _find_former(services: Services, token: DeviceToken, roles: frozenset[Role]) -> Device | None:
    """A device of a member who became another or is blocked, where the route is for those too."""
    shown = (token.member_id, token.device_id, token.secret, utc_now())
    async with connect(services.pool) as conn:
        if "merged_device" in roles:
            return await find_merged_device(conn, *shown)
        return await find_blocked_device(conn, *shown) if "blocked_device" in roles else None


async def _refusal(services: Services, token: Token | None) -> Problem:
    """Whoever shows a good token of a member who is blocked is told so; an app that hears 401 would enrol anew."""
    if isinstance(token, DeviceToken):
        async with connect(services.pool) as conn:
            if await find_blocked_device(conn, token.member_id, token.device_id, token.secret, utc_now()):
                return Problem("member-blocked", "Tell the shopper to ask at a shop.")
    return unauthenticated()


def role_of(principal: Principal) -> Role:
    if isinstance(principal, Session):
        return principal.role
    return "till" if isinstance(principal, Till) else "device"


def name_of(principal: Principal) -> str:
    """As idempotency records and the audit trail name it."""
    if isinstance(principal, Session):
        return f"staff:{principal.staff_id}"
    return f"till:{principal.id}" if isinstance(principal, Till) else f"device:{principal.id}"


def read_locating_token(header: str | None, *, as_password: bool = False) -> DeviceToken | LocateToken:
    """For the batched routes: only reads the token; the flow compares it. Raises Problem."""
    token = read_bearer(header)
    if token is None and as_password:
        token = read_basic(header)
    if isinstance(token, DeviceToken | LocateToken):
        return token
    raise unauthenticated()


def _require_pass(connection: ASGIConnection, services: Services) -> PassId:  # type: ignore[type-arg]
    """The pass of the path. A stranger who asks for one is not told whether it exists, nor whether there are any."""
    pass_id = read_serial_number(connection.path_params["serial"])
    if pass_id is None or not is_pass_token(services.keyring, pass_id, connection.headers.get("authorization")):
        raise _NOT_THIS_PASS
    if connection.path_params["pass_type"] != require_apple_wallet(services.apple_wallet).pass_type:
        raise _NOT_THIS_PASS
    return pass_id


def _require_operator(connection: ASGIConnection, services: Services) -> None:  # type: ignore[type-arg]
    token = services.settings.metrics_token
    if token is None:
        if connection.client is None or connection.client.host not in ("127.0.0.1", "::1"):
            raise Problem("forbidden", "Set NOREN_METRICS_TOKEN to read the metrics from another machine.")
        return
    shown = connection.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(shown.encode(), token.encode()):
        raise unauthenticated()

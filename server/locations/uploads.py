"""What the location routes share: reading a body, submitting its fixes, counting and answering.

They are ASGI handlers within Litestar. Measured: half of a request's time went into building Request and Response
objects and into the metrics of the general middleware. Here the body is read, the command submitted and the answer
sent with nothing in between.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

import msgspec
from litestar.datastructures import State
from litestar.exceptions import MethodNotAllowedException
from litestar.types import HTTPScope, Receive, Send

from geo.fix import Fix
from ids import CouponId
from kit.batching import Batcher
from kit.clock import utc_now
from server.locations.fixes import RefusedFix
from server.locations.locate import LocateCommand, LocateResult
from server.problems import Problem
from server.runtime.metrics import FIXES
from server.runtime.pulse import PULSE
from server.web.bodies import require_plain
from server.web.locate_tokens import locate_key
from server.web.salvage import UNDECODABLE
from server.web.services import Services
from server.web.tokens import DeviceToken, LocateToken


class UploadResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the fixes of an upload. Each is counted once."""

    accepted: int
    """Judged against the geofences."""
    late: int
    """Not newer than a fix that was judged before; they change nothing."""
    future: int
    """More than 60 s ahead of the server's clock; they change nothing."""
    mocked: int
    """Made up by an app, as the phone says; they change nothing."""
    no_consent: int
    """Dropped, because the member does not consent to location."""
    refused: list[RefusedFix]
    """Those that cannot be used, with the reason."""
    coupons: list[CouponId]
    """The ids of the coupons that this upload earned."""


ReadFixes = Callable[[bytes], tuple[list[Fix], list[RefusedFix]]]

encode = msgspec.json.Encoder().encode
# Some hundred fixes, with all that a client sends beside them.
_READ_ON_THE_LOOP = 50_000
# To judge more of them in one go would hold the loop for too long.
_JUDGED_AT_ONCE = 500


def find_authorization(scope: HTTPScope) -> str | None:
    """Raises MethodNotAllowedException: Litestar calls an ASGI handler for every method; Problem for a coded body."""
    if scope["method"] != "POST":
        raise MethodNotAllowedException
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    found = None
    for name, value in headers:
        if name == b"authorization" and found is None:
            found = value.decode("latin-1")
        elif name == b"content-encoding":
            require_plain(value.decode("latin-1"))
    return found


def state_of(scope: HTTPScope) -> State:
    state: State = scope["litestar_app"].state
    return state


async def read_body(receive: Receive, max_bytes: int) -> bytes:
    """Raises Problem as soon as the body is too long."""
    body, more = await _receive_part(receive)
    while more:
        part, more = await _receive_part(receive)
        body += part
        if len(body) > max_bytes:
            break
    if len(body) > max_bytes:
        raise Problem("body-too-large", f"Send at most {max_bytes} bytes at once.")
    return body


async def read_or_drain(receive: Receive, max_bytes: int, max_drained_bytes: int) -> bytes | None:
    """None for a body that is too long: it is read to its end and not kept. Raises Problem where it does not end."""
    body = bytearray()
    length, more = 0, True
    while more:
        part, more = await _receive_part(receive)
        length += len(part)
        if length <= max_bytes:
            body += part
        elif length > max_drained_bytes:
            raise Problem("body-too-large", f"Send at most {max_bytes} bytes at once.")
    return bytes(body) if length <= max_bytes else None


async def read_or_salvage(
    read: ReadFixes, salvage: ReadFixes, body: bytes | None
) -> tuple[list[Fix], list[RefusedFix]]:
    """`read` decodes the body at once. Only where that fails `salvage` reads it piece by piece: slowly, off the loop.

    None is a body that was too long to be kept. A long one is read off the loop at all events.
    """
    if body is None:
        return [], [RefusedFix(0, "too_large")]
    if len(body) > _READ_ON_THE_LOOP:
        return await asyncio.to_thread(_read_or_salvage, read, salvage, body)
    try:
        return read(body)
    except UNDECODABLE:
        return await asyncio.to_thread(salvage, body)


def _read_or_salvage(read: ReadFixes, salvage: ReadFixes, body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    try:
        return read(body)
    except UNDECODABLE:
        return salvage(body)


async def _receive_part(receive: Receive) -> tuple[bytes, bool]:
    event = cast("Mapping[str, object]", await receive())
    if event["type"] == "http.disconnect":
        raise Problem("invalid-request", "Send the whole body.")
    return cast("bytes", event.get("body", b"")), bool(event.get("more_body"))


async def submit(
    state: State, token: DeviceToken | LocateToken, fixes: Sequence[Fix], refused: Sequence[RefusedFix]
) -> LocateResult:
    """Carry the fixes out and count what became of them. Raises Problem where the token is not (or no longer) valid.

    Many fixes are carried out in turns, the oldest first. Where one fails, the turns before it stand, and the repeated
    upload finds them late.
    """
    services: Services = state.services
    locating: Batcher[LocateCommand, LocateResult] = state.locating
    key = None
    if isinstance(token, LocateToken):
        key = locate_key(services.keyring, token.member_id, token.device_id)
    received_at = utc_now()
    began_s = time.perf_counter()
    located: LocateResult | None = None
    for turn in _take_turns(fixes):
        command = LocateCommand(
            member_id=token.member_id,
            device_id=token.device_id,
            token_hash=token.secret_hash,
            fixes=turn,
            received_at=received_at,
            locate_key=key,
        )
        answer = await locating.submit(command)
        located = answer if located is None else located.plus(answer)
    assert located is not None  # of no fixes there is one turn too, for the token is to be compared
    PULSE.note(time.perf_counter() - began_s)
    _count(located, len(refused))
    return located


def _take_turns(fixes: Sequence[Fix]) -> list[Sequence[Fix]]:
    if len(fixes) <= _JUDGED_AT_ONCE:
        return [fixes]
    in_order = sorted(fixes, key=_time_of)
    return [in_order[begin : begin + _JUDGED_AT_ONCE] for begin in range(0, len(in_order), _JUDGED_AT_ONCE)]


def _time_of(fix: Fix) -> datetime:
    return fix.recorded_at


def tell_result(located: LocateResult, refused: list[RefusedFix]) -> UploadResult:
    return UploadResult(
        accepted=located.accepted,
        late=located.late,
        future=located.future,
        mocked=located.mocked,
        no_consent=located.no_consent,
        refused=refused,
        coupons=located.coupons,
    )


async def send_json(send: Send, answer: object) -> None:
    body = encode(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _count(located: LocateResult, refused: int) -> None:
    FIXES["accepted"].inc(located.accepted)
    for outcome in ("late", "future", "mocked", "no_consent"):
        if times := getattr(located, outcome):
            FIXES[outcome].inc(times)
    if refused:
        FIXES["refused"].inc(refused)

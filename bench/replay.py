"""A trace played to the real application in one process: its HTTP route, its flows, its database, its sweeper.

The clock follows the trace: an upload is received when its last fix is recorded, and whenever a presence is due before
the next upload, the sweeper runs first, on the whole second, as the worker's does.

What a replay does not measure it does not wait for: the disk at a commit, and the millisecond in which a batch gathers
the uploads of other phones. Neither decides anything.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias, cast
from unittest.mock import patch

import asyncpg
import msgspec
from litestar import Litestar
from litestar.types import Receive, Scope, Send

from bench.doors import Door
from geo.fix import Fix
from geo.geofence import Circle, Fence
from geo.geofences_repository import create_geofence
from geo.presences_repository import create_presences
from ids import DeviceId, GeofenceId, MemberId, ProgramId, StoreId
from kit.batching import Batcher
from kit.database import Connection, in_transaction
from kit.ids import new_id, new_secret
from members.consent import Consent
from members.device import NewDevice
from members.devices_repository import create_devices
from members.member import NewMember
from members.members_repository import create_members
from programs.programs_repository import bump_campaign_version, bump_fence_version, create_program
from programs.store import Store
from programs.stores_repository import create_store
from server.app import create_app
from server.locations.sweep import sweep_all
from server.settings import Settings
from server.web.services import Services
from server.web.tokens import DeviceToken, write_token

_TRANSITIONS = "SELECT kind, geofence_id, event_at, received_at FROM transitions ORDER BY received_at, id"
_NEXT_DUE = "SELECT min(next_due_at) FROM presences"


Message: TypeAlias = dict[str, Any]


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def replay(dsn: str, uploads: Sequence[Sequence[Fix]], places: Sequence[Circle]) -> list[Door]:
    """The doors that the application tells of, in the order in which it learned of them."""
    clock = _Clock(uploads[0][0].recorded_at)
    app = create_app(Settings(dsn, new_secret()))
    with ExitStack() as patched:
        patched.enter_context(patch("server.locations.uploads.utc_now", clock))
        patched.enter_context(patch("server.services.Batcher", partial(Batcher, linger_s=0.0)))
        async with app.lifespan():
            services: Services = app.state.services
            fences = _fences(places)
            token = await in_transaction(services.pool, lambda conn: _settle(conn, fences, clock.now))
            await services.keeper.refresh()
            async with services.pool.acquire() as looking:
                await _upload_all(app, looking, clock, token, uploads)
            rows = await services.pool.fetch(_TRANSITIONS)
    return _doors(rows, [fence.geofence_id for fence in fences])


async def _upload_all(
    app: Litestar, looking: Connection, clock: _Clock, token: DeviceToken, uploads: Sequence[Sequence[Fix]]
) -> None:
    for upload in uploads:
        received_at = max(fix.recorded_at for fix in upload)
        await _sweep_until(app.state.services, looking, received_at)
        clock.now = received_at
        await _post(app, write_token(token), msgspec.json.encode({"fixes": upload}))


async def _post(app: Litestar, token: str, body: bytes) -> None:
    """Through the application's ASGI door: an HTTP client takes a third of a replay's time and decides nothing."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": "POST",
        "path": "/v1/locations", "raw_path": b"/v1/locations", "root_path": "", "query_string": b"",
        "headers": [(b"authorization", b"Bearer " + token.encode()), (b"content-type", b"application/json")],
        "server": ("noren", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answered.append(message)

    await app(cast("Scope", scope), cast("Receive", receive), cast("Send", send))
    if answered[0].get("status") != 200:
        raise RuntimeError(f"an upload was answered {answered}")


def gather(fixes: Sequence[Fix], upload_s: float) -> list[list[Fix]]:
    """A phone's uploads: the fixes of so many seconds each; 0: each fix by itself."""
    uploads: list[list[Fix]] = []
    for fix in fixes:
        if uploads and (fix.recorded_at - uploads[-1][0].recorded_at).total_seconds() < upload_s:
            uploads[-1].append(fix)
        else:
            uploads.append([fix])
    return uploads


async def _sweep_until(services: Services, looking: Connection, until: datetime) -> None:
    while True:
        due_at = await looking.fetchval(_NEXT_DUE)
        if due_at is None:
            return
        tick_at = due_at.replace(microsecond=0) + timedelta(seconds=due_at.microsecond > 0)
        if tick_at > until:
            return
        await sweep_all(services.pool, services.keeper, tick_at)


def _fences(places: Sequence[Circle]) -> list[Fence]:
    program_id = ProgramId(new_id())
    return [
        Fence(GeofenceId(new_id()), program_id, StoreId(new_id()), f"place {number}", circle, circle.radius_m)
        for number, circle in enumerate(places, 1)
    ]


async def _settle(conn: Connection, fences: Sequence[Fence], now: datetime) -> DeviceToken:
    """A program with a store a fence, and one member with one device."""
    program = await create_program(conn, "replay", "Replay", "en", now)
    for number, fence in enumerate(fences, 1):
        store = Store(
            fence.store_id, program.id, f"place-{number}", fence.name, "UTC", None, None, day_start_hour=4,
            created_at=now, closed_at=None,
        )  # fmt: skip
        await create_store(conn, store, await bump_campaign_version(conn, program.id))
        version = await bump_fence_version(conn, program.id)
        await create_geofence(conn, msgspec.structs.replace(fence, program_id=program.id), version, now)
    token = DeviceToken(MemberId(new_id()), DeviceId(new_id()), new_secret())
    consent = Consent(purpose="location", granted=True, text_version="1", source="app", at=now)
    await create_members(
        conn,
        [NewMember(member_id=token.member_id, program_id=program.id, locale="en", consents=[consent], created_at=now)],
    )
    device = NewDevice(
        member_id=token.member_id,
        id=token.device_id,
        program_id=program.id,
        platform="android",
        locale="en",
        token_hash=token.secret_hash,
        created_at=now,
    )
    await create_devices(conn, [device])
    await create_presences(conn, [(token.member_id, token.device_id, program.id)])
    return token


def _doors(rows: Sequence[asyncpg.Record], geofence_ids: Sequence[GeofenceId]) -> list[Door]:
    place_of = {geofence_id: place for place, geofence_id in enumerate(geofence_ids)}
    return [Door(row["kind"], place_of[row["geofence_id"]], row["event_at"], row["received_at"]) for row in rows]

"""Staff who edit fences through one process, and a phone that asks another process what it knows of them."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import httpx

from geo.nearest import MIN_WATCHED_RADIUS_M
from ids import GeofenceId, ProgramId, StaffId, StoreId
from kit.clock import utc_now
from kit.ids import new_id
from programs import staff_repository
from programs.staff_repository import StaffMember
from server.web.tokens import SessionToken, write_token

OWNER_EMAIL = "owner@example.jp"
_NO_PASSWORD = "no password"
_LOOK_EVERY_S = 0.01
_PATIENCE_S = 120.0
# A phone is told the radius itself where it is no smaller than what phones watch.
_ABOUT_M, _TO_M = MIN_WATCHED_RADIUS_M, 2 * MIN_WATCHED_RADIUS_M


class Door(NamedTuple):
    geofence_id: GeofenceId
    store_id: StoreId
    lat: float
    lon: float


async def open_session(
    connection: "asyncpg.Connection[asyncpg.Record]", program_id: ProgramId, password_hash: str = _NO_PASSWORD
) -> str:
    """The token of an owner of the program."""
    now = utc_now()
    owner = StaffMember(StaffId(new_id()), program_id, OWNER_EMAIL, "Owner", "owner", (), now, None)
    await staff_repository.create_staff(connection, owner, password_hash)
    secret, _ = await staff_repository.open_session(connection, owner.id, now)
    return write_token(SessionToken(secret))


class Editor:
    """Draws, redraws and removes circles; a 503 is repeated with its Idempotency-Key, as a client should."""

    def __init__(self, http: httpx.AsyncClient, seed: int) -> None:
        self._http, self._chance = http, random.Random(seed)
        self.done = 0

    async def draw(self, near: Door) -> tuple[Door, float]:
        """A new door 200 m from another one, and its radius."""
        lat, lon = near.lat + 0.002, near.lon
        radius_m, body = self._body(lat, lon)
        made = await self._write("POST", "/v1/geofences", body | {"store_id": str(near.store_id)})
        return Door(GeofenceId(UUID(made.json()["id"])), near.store_id, lat, lon), radius_m

    async def redraw(self, door: Door) -> float:
        radius_m, body = self._body(door.lat, door.lon)
        await self._write("PUT", f"/v1/geofences/{door.geofence_id}", body)
        return radius_m

    async def remove(self, door: Door) -> None:
        await self._write("DELETE", f"/v1/geofences/{door.geofence_id}")

    async def churn(self, doors: Sequence[Door], edits_per_s: float) -> None:
        """Until cancelled: so many edits a second, one after another. Three redraw, one draws, one removes."""
        due_s, drawn = time.monotonic(), list[Door]()
        while True:
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            due_s += 1 / edits_per_s
            match self.done % 5:
                case 0:
                    drawn.append((await self.draw(self._chance.choice(doors)))[0])
                case 1 if drawn:
                    await self.remove(drawn.pop(0))
                case _:
                    await self.redraw(self._chance.choice(doors))

    def _body(self, lat: float, lon: float) -> tuple[float, dict[str, object]]:
        radius_m = round(self._chance.uniform(_ABOUT_M, _TO_M), 3)
        return radius_m, {"name": "door", "circle": {"lat": lat, "lon": lon, "radius_m": radius_m}}

    async def _write(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Idempotency-Key": str(new_id())}
        while True:
            answer = await self._http.request(method, path, json=body, headers=headers)
            if answer.status_code != 503:
                answer.raise_for_status()
                self.done += 1
                return answer
            await asyncio.sleep(0.05)


class Phone:
    """Asks for the regions around a place, as an app does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def wait_for(self, door: Door, radius_m: float | None) -> float:
        """Seconds until the process serves the door with this radius, or without it for None. Raises TimeoutError."""
        began_s = time.monotonic()
        while (await self._look(door)) != radius_m:
            if time.monotonic() - began_s > _PATIENCE_S:
                raise TimeoutError(f"{door.geofence_id} is not served as it was written")
            await asyncio.sleep(_LOOK_EVERY_S)
        return time.monotonic() - began_s

    async def _look(self, door: Door) -> float | None:
        fix = {"lat": door.lat, "lon": door.lon, "accuracy_m": 10, "recorded_at": utc_now().isoformat()}
        answer = await self._http.post("/v1/me/geofences/nearest", json={"fix": fix})
        if answer.status_code == 503:
            return -1.0
        answer.raise_for_status()
        radii = {region["geofence_id"]: region["radius_m"] for region in answer.json()["regions"]}
        radius_m: float | None = radii.get(str(door.geofence_id))
        return radius_m


async def probe(editor: Editor, phone: Phone, door: Door) -> list[float]:
    """A door is drawn, redrawn and removed: seconds from each answer until the phone's process serves it so."""
    drawn, radius_m = await editor.draw(door)
    seen_s = [await phone.wait_for(drawn, radius_m)]
    radius_m = await editor.redraw(drawn)
    seen_s.append(await phone.wait_for(drawn, radius_m))
    await editor.remove(drawn)
    return [*seen_s, await phone.wait_for(drawn, None)]

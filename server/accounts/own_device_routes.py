"""The member's devices, as one of them sees them: so that a phone that is lost, or a browser at a friend's, is signed
out."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, delete, get
from litestar.params import FromPath

from cards.card_keys_repository import find_live_key
from ids import DeviceId
from kit.database import Connection, connect
from members.device import Device, Platform
from members.devices_repository import list_devices, revoke_device
from server.credentials.revoke_codes import revoke_codes_of_device
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.writes import write


class OwnDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A phone or a browser that is signed in as the member."""

    id: DeviceId
    """The id of the device."""
    platform: Platform
    """What it is: `web` is a browser."""
    app_version: str | None
    """The version of its app, as the app has told it."""
    created_at: datetime
    """Since when it is signed in."""
    last_seen_at: datetime
    """When it last asked for something, to the day."""
    is_this: bool
    """Whether it is the one that asks."""
    holds_card: bool
    """Whether the card's codes are made on it."""


class OwnDevices(msgspec.Struct, frozen=True):
    """All that are signed in."""

    items: list[OwnDevice]
    """The one that was seen last comes first."""


class OwnDevicesController(Controller):
    path = "/v1/me/devices"
    tags = ("Device",)

    @get(operation_id="listMyDevices", summary="The phones and browsers that are signed in as the member")
    async def list_my_devices(self, device: DeviceDependency, services: ServicesDependency) -> OwnDevices:
        async with connect(services.pool) as conn:
            devices = await list_devices(conn, device.member_id)
            key = await find_live_key(conn, device.member_id)
        holder = None if key is None else key.device_id
        return OwnDevices([_view(each, device.id, holder) for each in devices])

    @delete(
        "/{device_id:uuid}", operation_id="signOutMyDevice", summary="Sign out another of the devices", status_code=204
    )
    async def sign_out_my_device(
        self, device_id: FromPath[DeviceId], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        """Not the one that the card is on, unless it is the one that asks: whoever has stolen a token must not take the
        card from its member's phone. Move the card here first (`PUT /v1/me/card/key`).
        """

        async def work(conn: Connection, now: datetime) -> None:
            await lock_active_device(conn, device)
            if device_id == device.id:
                await revoke_codes_of_device(conn, device.member_id, device.id, now)
                await revoke_device(conn, device, now)
            else:
                await revoke_device(conn, await _find_other(conn, device, device_id), now)

        return await write(request, services, work, status=204)


async def _find_other(conn: Connection, device: Device, device_id: DeviceId) -> Device:
    """Raises Problem where it is none of the member's, or the one with the card."""
    other = next((each for each in await list_devices(conn, device.member_id) if each.id == device_id), None)
    if other is None:
        raise not_found("device")
    key = await find_live_key(conn, device.member_id)
    if key is not None and key.device_id == device_id:
        raise Problem("forbidden", "The card is on that phone: move it to this one first, or sign out there.")
    return other


def _view(device: Device, own: DeviceId, holder: DeviceId | None) -> OwnDevice:
    return OwnDevice(
        id=device.id,
        platform=device.platform,
        app_version=device.app_version,
        created_at=device.created_at,
        last_seen_at=device.last_seen_at,
        is_this=device.id == own,
        holds_card=device.id == holder,
    )

"""The device itself: its language, its app's version, its push token, its own token, its end."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, patch, post, put
from litestar.params import JSONBody

from kit.database import Connection
from kit.ids import new_secret
from kit.languages import find_tag_fault
from kit.locales import Locale
from members import devices_repository, handles_repository
from members.device import PushTokenKind
from members.handles import hash_handle
from server.credentials.revoke_codes import revoke_codes_of_device
from server.problems import Problem, unauthenticated
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.fields import AppVersion, Body
from server.web.locate_tokens import make_locate_token
from server.web.tokens import DeviceToken, write_token
from server.web.writes import write


class DeviceChange(Body, frozen=True):
    """What is to change on the device."""

    locale: Locale
    """The language of push messages to this device, and of its coupons."""
    language: Annotated[str, msgspec.Meta(max_length=20, examples=["zh-Hant"])] | None = None
    """The phone's own language as a BCP 47 tag, where it is neither: what a chain has written in it is shown in it, all
    else in that of `locale`. Null: there is no other."""
    app_version: AppVersion | None = None
    """The version of the app, as its store shows it. Null: it stays as it was told before."""


class PushToken(Body, frozen=True):
    """The address that Firebase gave this installation."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    """The registration token or the Firebase installation id."""
    kind: PushTokenKind
    """Which of the two it is: `registration`, or `fid` for an installation id."""


class IssuedDeviceToken(msgspec.Struct, frozen=True):
    """The device's new token."""

    device_token: str
    """Use it from now on. The token that asked for it works for one more hour."""


class IssuedLocateToken(msgspec.Struct, frozen=True):
    """A token for a location client, which can upload locations and do nothing else."""

    locate_token: str
    """It ends with the device token."""


class DeviceController(Controller):
    path = "/v1/me/device"
    tags = ("Device",)

    @patch(operation_id="updateDevice", summary="Change the device's language, or its app's version", status_code=204)
    async def update_device(
        self,
        data: JSONBody[DeviceChange],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        fault = None if data.language is None else find_tag_fault(data.language)
        if fault is not None:
            raise Problem("invalid-request", f"In language, {fault}.")

        async def work(conn: Connection, _: datetime) -> None:
            await lock_active_device(conn, device)
            await devices_repository.change_device(conn, device, data.locale, data.language, data.app_version)

        return await write(request, services, work, status=204)

    @delete(operation_id="revokeDevice", summary="Sign the device out for good", status_code=204)
    async def revoke_device(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime) -> None:
            await lock_active_device(conn, device)
            await revoke_codes_of_device(conn, device.member_id, device.id, now)
            await devices_repository.revoke_device(conn, device, now)

        return await write(request, services, work, status=204)

    @put(
        "/push-token", operation_id="setPushToken", summary="Set where pushes for this device are sent", status_code=204
    )
    async def set_push_token(
        self,
        data: JSONBody[PushToken],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        async def work(conn: Connection, _: datetime) -> None:
            value_hash = hash_handle(services.keyring, "push_token", data.token)
            former = await handles_repository.move_push_token(
                conn, device.program_id, value_hash, device.member_id, device.id
            )
            await lock_active_device(conn, device)
            if former is not None:  # one phone that enrolled again: its pushes are for the new member only
                await devices_repository.set_push_token(conn, *former, None, None)
            await devices_repository.set_push_token(conn, device.member_id, device.id, data.token, data.kind)

        return await write(request, services, work, status=204)

    @delete("/push-token", operation_id="deletePushToken", summary="Stop pushes to this device", status_code=204)
    async def delete_push_token(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, _: datetime) -> None:
            await lock_active_device(conn, device)
            await devices_repository.set_push_token(conn, device.member_id, device.id, None, None)

        return await write(request, services, work, status=204)

    @post("/token", operation_id="rotateDeviceToken", summary="Get a new device token", status_code=200)
    async def rotate_device_token(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[IssuedDeviceToken]:
        used = request.auth
        if not isinstance(used, DeviceToken):
            raise unauthenticated()

        async def work(conn: Connection, now: datetime) -> IssuedDeviceToken:
            await lock_active_device(conn, device)
            secret = new_secret()
            await devices_repository.rotate_token(conn, device, secret, used.secret, now)
            return IssuedDeviceToken(write_token(DeviceToken(device.member_id, device.id, secret)))

        return await write(request, services, work)

    @post(
        "/locate-token", operation_id="getLocateToken", summary="Get the token for a location client", status_code=200
    )
    async def get_locate_token(self, device: DeviceDependency, services: ServicesDependency) -> IssuedLocateToken:
        """The same token each time, until the device token is rotated; then get the new one within an hour."""
        token = make_locate_token(services.keyring, device.member_id, device.id, device.token_hash)
        return IssuedLocateToken(write_token(token))

"""`lock_active_device`: a device writes for its member, and until the commit nobody erases, merges, closes or
blocks them.

The token was checked before the transaction. Call it when the lock order
(`server.web.writes`) comes to the members.
"""

from collections.abc import Sequence

from ids import DeviceId
from kit.database import Connection
from members.aliases_repository import lock_states
from members.device import Device
from members.devices_repository import find_live_devices, lock_member_of_device
from members.member import MemberState
from server.problems import unauthenticated

# Who may ask for their data or for its end: somebody who is blocked has no use of the program, and all rights to it.
DATA_RIGHTS_STATES: Sequence[MemberState] = ("active", "blocked")


async def lock_active_device(conn: Connection, device: Device, states: Sequence[MemberState] = ("active",)) -> None:
    """Raises Problem where the member is in another state by now; then nothing is written."""
    if not await lock_member_of_device(conn, device, states):
        raise unauthenticated()


async def lock_active_devices(conn: Connection, devices: Sequence[Device]) -> set[DeviceId]:
    """The same for those of a batch: which of them may still write."""
    states = await lock_states(conn, [device.member_id for device in devices])
    live = await find_live_devices(conn, devices)
    return {device.id for device in devices if device.id in live and states.get(device.member_id) == "active"}

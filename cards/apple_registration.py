"""Apple Wallet passes that phones hold, and the registrations by which those phones learn of changes. Pure."""

from datetime import datetime
from typing import TypeAlias

import msgspec

from ids import DeviceId, MemberId

# A pass is one app installation's: (member_id, device_id).
PassId: TypeAlias = tuple[MemberId, DeviceId]


class RegisteredPass(msgspec.Struct, frozen=True):
    """`last_modified`, the time of the last change in whole seconds, differs after each change.

    `has_unswept_version`: a phone was given something else than `fingerprint` says, under this very `last_modified`.
    """

    fingerprint: bytes
    changed_at: datetime
    has_unswept_version: bool

    @property
    def last_modified(self) -> datetime:
        return self.changed_at.replace(microsecond=0)


class DueRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """A phone to notify. `due_at` is the lease's end, by which the outcome finds the row as it was leased."""

    member_id: MemberId
    device_id: DeviceId
    device_library_hash: bytes
    sealed_push_token: bytes
    due_at: datetime
    attempts: int

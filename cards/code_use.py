"""The use of a rotating code at a till. Pure."""

from datetime import datetime
from typing import TypeAlias

import msgspec

from ids import MemberId, StoreId, TillId

CodeKey: TypeAlias = tuple[MemberId, bytes, int]


class CodeUse(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` of the phone's key, or the bytes of a TOTP pass's id. `at` is the event's time, `reported_at` ours."""

    member_id: MemberId
    serial: bytes
    step: int
    till_id: TillId
    store_id: StoreId
    at: datetime
    reported_at: datetime
    is_offline: bool

    @property
    def key(self) -> CodeKey:
        return self.member_id, self.serial, self.step

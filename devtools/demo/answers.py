"""The parts of the API's answers that an app or a till reads."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from ids import CouponId, DeviceId, MemberId

T = TypeVar("T")


class Created(msgspec.Struct, frozen=True):
    id: str


class Session(msgspec.Struct, frozen=True):
    token: str


class Known(msgspec.Struct, frozen=True):
    """A profile, or an experiment."""

    version: int


class PairingCode(msgspec.Struct, frozen=True):
    link: str


class KeyedTill(msgspec.Struct, frozen=True):
    id: str
    store_id: str
    key: str


class Card(msgspec.Struct, frozen=True):
    number: str


class Enrolled(msgspec.Struct, frozen=True):
    member_id: MemberId
    device_id: DeviceId
    device_token: str
    card: Card


class Refused(msgspec.Struct, frozen=True):
    index: int
    reason: str


class Receipt(msgspec.Struct, frozen=True):
    accepted: int
    late: int
    future: int
    mocked: int
    no_consent: int
    refused: list[Refused]
    coupons: list[CouponId]


class Coupon(msgspec.Struct, frozen=True):
    id: CouponId
    title: str
    code: str
    issued_at: datetime


class Coupons(msgspec.Struct, frozen=True):
    items: list[Coupon]


class Scanned(msgspec.Struct, frozen=True):
    is_first_today: bool
    coupons_issued: int


class Reported(msgspec.Struct, frozen=True):
    """What became of a scan without a line."""

    outcome: str
    is_first_today: bool
    coupons_issued: int


class Report(msgspec.Struct, frozen=True):
    scans: list[Reported]


class Problem(msgspec.Struct, frozen=True):
    type: str = ""
    detail: str = ""


def decode(body: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(body, type=kind)


def read_problem(body: bytes) -> Problem:
    """An empty one for a body that is no problem document."""
    try:
        return msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        return Problem()


Body = dict[str, Any]

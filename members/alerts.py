"""Alerts: what is told to every contact that stood before, with a code that stops it. Pure."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ids import AlertId, DeviceId, MemberId, ProgramId
from members.contacts import ContactKind, HeldContact

AlertKind = Literal["contact", "export", "erasure", "card_key", "card_stopped"]
# How long it can be stopped, and is kept.
STOPPABLE = timedelta(days=7)


class NewAlert(msgspec.Struct, frozen=True, kw_only=True):
    """`device_id`: the phone that did it; None where it was another. `former`: the contact that was replaced."""

    member_id: MemberId
    id: AlertId
    program_id: ProgramId
    kind: AlertKind
    device_id: DeviceId | None
    contact_kind: ContactKind | None = None
    former: HeldContact | None = None
    objection_secret: bytes
    created_at: datetime


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    id: AlertId
    program_id: ProgramId
    kind: AlertKind
    device_id: DeviceId | None
    contact_kind: ContactKind | None
    former_hash: bytes | None
    former_sealed_value: bytes | None
    former_stands_at: datetime | None
    created_at: datetime
    stopped_at: datetime | None

    @property
    def former(self) -> HeldContact | None:
        if (
            self.contact_kind is None
            or self.former_hash is None
            or self.former_sealed_value is None
            or self.former_stands_at is None
        ):
            return None
        return HeldContact(self.contact_kind, self.former_hash, self.former_sealed_value, self.former_stands_at)

"""Presences: one row a device, written by compare and swap."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from geo.transitions import Presence, Stay
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "presences.sql")

_STAYS = msgspec.json.Decoder(tuple[Stay, ...])
_ENCODER = msgspec.json.Encoder()
_NO_STAYS = "[]"


class PresenceSwap(msgspec.Struct, frozen=True):
    """The presence that shall take the place of the one that was read at `read_version`."""

    member_id: UUID
    device_id: UUID
    program_id: UUID
    read_version: int
    presence: Presence


def decode_stays(stays: str) -> tuple[Stay, ...]:
    return () if stays == _NO_STAYS else _STAYS.decode(stays)


async def create_presences(conn: Connection, devices: Sequence[tuple[UUID, UUID, UUID]]) -> None:
    """For each (member_id, device_id, program_id) a presence that is nowhere."""
    members, device_ids, programs = zip(*devices, strict=True)
    await conn.execute(QUERIES.insert_presences, members, device_ids, programs)


async def swap_presences(conn: Connection, swaps: Sequence[PresenceSwap]) -> set[UUID]:
    """Write them all in one statement; return the devices whose row still had the version that was read."""
    rows = await conn.fetch(
        QUERIES.swap_presences,
        [swap.member_id for swap in swaps],
        [swap.device_id for swap in swaps],
        [swap.program_id for swap in swaps],
        [swap.read_version for swap in swaps],
        [swap.presence.watermark for swap in swaps],
        [_encode_stays(swap.presence.stays) for swap in swaps],
    )
    return {row["device_id"] for row in rows}


def _encode_stays(stays: tuple[Stay, ...]) -> str:
    return _ENCODER.encode(stays).decode() if stays else _NO_STAYS

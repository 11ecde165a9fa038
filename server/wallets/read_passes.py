"""What passes show at a moment, read in one query from the tables of all packages."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

import asyncpg
import msgspec

from cards.apple_pass import PassCoupon, PassFace, PassMember
from cards.apple_registration import PassId
from cards.pass_places import PassPlaces
from coupons.offers import choose_text, read_offer
from geo.presences_repository import decode_presence
from ids import ProgramId
from kit.database import Connection
from kit.locales import Locale
from kit.spread import split_by_shard
from kit.sql import load_queries
from points.rules import Names
from server.problems import unauthenticated
from server.runtime.store_places import StorePlaces

QUERIES = load_queries(__file__, "read_passes.sql")

# A walk through town is no change of the pass; a journey is. About ten kilometres.
_AREA_DEGREES = 0.1

_NAMES = msgspec.json.Decoder(dict[Locale, str])


class FoundPass(msgspec.Struct, frozen=True):
    """`face` names the stores nearest to the member; `fingerprint` is of the stores nearest to the area they are in."""

    program_id: ProgramId
    face: PassFace
    fingerprint: bytes


async def read_passes(
    conn: Connection, stores: StorePlaces, pass_ids: Sequence[PassId], now: datetime
) -> dict[PassId, FoundPass]:
    """An id that never belonged to a member is absent."""
    found = {}
    for part in split_by_shard(conn, pass_ids, itemgetter(0)):
        for row in await conn.fetch(QUERIES.read_passes, *zip(*part, strict=True), now):
            places = await stores.of_program(conn, row["program_id"], row["campaign_version"])
            found[row["member_id"], row["device_id"]] = _find(row, places)
    return found


async def read_pass(conn: Connection, stores: StorePlaces, pass_id: PassId, now: datetime) -> FoundPass:
    """Raises Problem where there is no such member (any more)."""
    found = (await read_passes(conn, stores, [pass_id], now)).get(pass_id)
    if found is None:
        raise unauthenticated()
    return found


def _find(row: asyncpg.Record, places: PassPlaces) -> FoundPass:
    if row["number"] is None:
        ended = PassFace(row["program_name"], row["locale"], None)
        return FoundPass(row["program_id"], ended, ended.fingerprint)
    member = PassMember(number=row["number"], points=row["points"], rank=_rank(row), coupon=_coupon(row), places=())
    whereabouts = _whereabouts(row)
    near = places.any() if whereabouts is None else places.nearest(*whereabouts)
    area = places.any() if whereabouts is None else places.nearest(*map(_to_area, whereabouts))
    faces = [
        PassFace(row["program_name"], row["locale"], msgspec.structs.replace(member, places=each))
        for each in (near, area)
    ]
    return FoundPass(row["program_id"], faces[0], faces[1].fingerprint)


def _whereabouts(row: asyncpg.Record) -> tuple[float, float] | None:
    """Where the member was last seen, if they allow it; else the store that they last came to, or joined at."""
    if row["motion"] is not None:
        last_fix = decode_presence(row["watermark"], row["stays"], row["motion"]).last_fix
        if last_fix is not None:
            return last_fix.lat, last_fix.lon
    return None if row["lat"] is None else (row["lat"], row["lon"])


def _to_area(degrees: float) -> float:
    return round(degrees / _AREA_DEGREES) * _AREA_DEGREES


def _rank(row: asyncpg.Record) -> str | None:
    if row["rank_name"] is None:
        return None
    names: Names = _NAMES.decode(row["rank_name"])
    return names.get(row["locale"]) or next(iter(names.values()))


def _coupon(row: asyncpg.Record) -> PassCoupon | None:
    if row["offer"] is None:
        return None
    text = choose_text(read_offer(row["offer"]), row["locale"], row["store_name"])
    return PassCoupon(text.title, text.body, row["expires_at"])

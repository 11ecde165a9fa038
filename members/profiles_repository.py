"""Profiles. What a search finds a member by is written together with the name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.spread import fetch_by_shard
from kit.sql import load_queries
from members.attribute_values import Birthday
from members.name_search import kana_key, name_grams, name_key
from members.profile import FIELDS, KeptProfile, Profile

QUERIES = load_queries(__file__, "profiles.sql")

PLAIN_FIELDS = tuple(field for field in FIELDS if field != "birthday")


async def find_profile(conn: Connection, member_id: MemberId) -> KeptProfile | None:
    row = await conn.fetchrow(QUERIES.find_profile, member_id)
    return None if row is None else _to_profile(row)


async def list_profiles(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, KeptProfile]:
    """Of those who have one, in one query."""
    return {row["member_id"]: _to_profile(row) for row in await conn.fetch(QUERIES.list_profiles, member_ids)}


async def lock_profiles(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, KeptProfile]:
    """Of those who have one, until the commit. Their members are locked before (lock order: server/web/writes.py)."""
    rows = await fetch_by_shard(conn, QUERIES.lock_profiles, member_ids)
    return {row["member_id"]: _to_profile(row) for row in rows}


async def open_profile(conn: Connection, program_id: ProgramId, member_id: MemberId, now: datetime) -> KeptProfile:
    """The member's, locked until the commit; an empty one is made where there is none."""
    await conn.execute(QUERIES.insert_empty_profile, member_id, program_id, now)
    return (await lock_profiles(conn, [member_id]))[member_id]


async def upsert_profiles(conn: Connection, kept: Sequence[KeptProfile]) -> None:
    """Write them as they are, one a member. Whoever changes one that is there has locked it."""
    keys = [search_keys(each) for each in kept]
    columns: dict[str, Any] = {field: [getattr(each.profile, field) for each in kept] for field in PLAIN_FIELDS}
    birthdays = [each.profile.birthday for each in kept]
    await conn.execute(
        *QUERIES.upsert_profiles(
            **columns,
            member_id=[each.member_id for each in kept],
            program_id=[each.program_id for each in kept],
            birth_year=[None if birthday is None else birthday.year for birthday in birthdays],
            birth_month=[None if birthday is None else birthday.month for birthday in birthdays],
            birth_day=[None if birthday is None else birthday.day for birthday in birthdays],
            attributes=[write_attributes(each.profile) for each in kept],
            updated_at=[each.updated_at for each in kept],
            version=[each.version for each in kept],
            name_key=[name for name, _, _ in keys],
            # An array of arrays would have to be square.
            name_grams=[None if grams is None else " ".join(map(str, grams)) for _, grams, _ in keys],
            kana_key=[kana for _, _, kana in keys],
        )
    )


def search_keys(kept: KeptProfile) -> tuple[str | None, Sequence[int] | None, str | None]:
    """What a search finds it by: the columns name_key, name_grams and kana_key."""
    name = None if kept.profile.name is None else name_key(kept.profile.name)
    grams = None if name is None else name_grams(kept.program_id, name)
    return name, grams, kana_key(kept.profile.kana, kept.profile.name)


def write_attributes(profile: Profile) -> str:
    return msgspec.json.encode(profile.attributes).decode()


async def delete_profile(conn: Connection, member_id: MemberId) -> None:
    await conn.execute(QUERIES.delete_profile, member_id)


def _to_profile(row: asyncpg.Record) -> KeptProfile:
    month, day = row["birth_month"], row["birth_day"]
    return KeptProfile(
        member_id=row["member_id"],
        program_id=row["program_id"],
        profile=Profile(
            **{field: row[field] for field in PLAIN_FIELDS},
            birthday=None if month is None else Birthday(month, day, row["birth_year"]),
            attributes=msgspec.json.decode(row["attributes"]),
        ),
        updated_at=row["updated_at"],
        version=row["version"],
    )

"""Saved audiences in the database, with all their versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from audiences.attributes import AttributeDefinition
from audiences.audience import Audience, LoadedAudience
from audiences.tree import Tree
from audiences.walk import AudienceKey, references_of, resolve
from ids import AudienceId, ProgramId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "audiences.sql")
_read_tree = msgspec.json.Decoder(Tree).decode
_read_definitions = msgspec.json.Decoder(dict[str, AttributeDefinition]).decode


async def create_audience(conn: Connection, audience: Audience, definitions: Mapping[str, AttributeDefinition]) -> None:
    """`definitions`: of the attributes that the tree asks for, with all that it refers to."""
    await conn.execute(
        *QUERIES.insert_audience(
            id=audience.id, program_id=audience.program_id, name=audience.name, now=audience.created_at
        )
    )
    await _insert_version(conn, audience, definitions)


async def add_version(
    conn: Connection, audience: Audience, definitions: Mapping[str, AttributeDefinition]
) -> datetime | None:
    """When it was created; None where its newest version is not the one before this, or it was removed."""
    created_at: datetime | None = await conn.fetchval(
        *QUERIES.update_audience(
            name=audience.name,
            version=audience.version,
            now=audience.changed_at,
            program_id=audience.program_id,
            id=audience.id,
            known_version=audience.version - 1,
        )
    )
    if created_at is not None:
        await _insert_version(conn, audience, definitions)
    return created_at


async def _insert_version(conn: Connection, audience: Audience, definitions: Mapping[str, AttributeDefinition]) -> None:
    await conn.execute(
        *QUERIES.insert_version(
            audience_id=audience.id,
            version=audience.version,
            program_id=audience.program_id,
            tree=msgspec.json.encode(audience.tree).decode(),
            attributes=msgspec.json.encode(definitions).decode(),
            now=audience.changed_at,
        )
    )
    references = [leaf for _, leaf in references_of(audience.tree)]
    if references:
        of_versions = [leaf.version for leaf in references]
        of_ids = [leaf.audience_id for leaf in references]
        await conn.execute(QUERIES.insert_references, audience.id, audience.version, of_ids, of_versions)


async def remove_audience(conn: Connection, program_id: ProgramId, audience_id: AudienceId, now: datetime) -> bool:
    """Its versions stay. False where there is none."""
    return await conn.fetchval(QUERIES.remove_audience, program_id, audience_id, now) is not None


async def find_audience(
    conn: Connection, program_id: ProgramId, audience_id: AudienceId, version: int | None = None
) -> Audience | None:
    """Its newest version where none is named."""
    row = await conn.fetchrow(QUERIES.find_audience, program_id, audience_id, version)
    return _audience(row) if row else None


async def list_audiences(conn: Connection, program_id: ProgramId, page: PageRequest) -> list[Audience]:
    """Newest first."""
    rows = await conn.fetch(QUERIES.list_audiences, program_id, page.before, page.fetch_count)
    return [_audience(row) for row in rows]


async def lock_newest_versions(
    conn: Connection, program_id: ProgramId, audience_ids: Iterable[AudienceId]
) -> dict[AudienceId, int]:
    """None of them is removed before our commit. Those that are not there are absent."""
    rows = await conn.fetch(QUERIES.lock_newest_versions, program_id, sorted(set(audience_ids)))
    return {row["id"]: row["version"] for row in rows}


async def load_audiences(
    conn: Connection, program_id: ProgramId, keys: Collection[AudienceKey]
) -> dict[AudienceKey, LoadedAudience]:
    """What these versions stand for; those that are not there are absent."""
    rows = await read_versions(conn, program_id, keys)
    trees = {key: tree for key, (tree, _) in rows.items()}
    return {key: LoadedAudience(resolve(trees[key], trees), rows[key][1]) for key in keys if key in rows}


async def read_versions(
    conn: Connection, program_id: ProgramId, keys: Collection[AudienceKey]
) -> dict[AudienceKey, tuple[Tree, dict[str, AttributeDefinition]]]:
    """As they were written, with all that they refer to."""
    ids, versions = [key[0] for key in keys], [key[1] for key in keys]
    rows = await conn.fetch(QUERIES.read_versions, program_id, ids, versions)
    return {
        (row["audience_id"], row["version"]): (_read_tree(row["tree"]), _read_definitions(row["attributes"]))
        for row in rows
    }


async def list_referring_audiences(conn: Connection, audience_id: AudienceId) -> Sequence[str]:
    """The names of those whose newest version refers to it."""
    return [row["name"] for row in await conn.fetch(QUERIES.list_referring_audiences, audience_id)]


async def list_campaigns_of_audience(conn: Connection, program_id: ProgramId, audience_id: AudienceId) -> Sequence[str]:
    """The names of those that have not ended."""
    return [row["name"] for row in await conn.fetch(QUERIES.list_campaigns_of_audience, program_id, audience_id)]


async def list_campaigns_of_attribute(conn: Connection, program_id: ProgramId, key: str) -> Sequence[str]:
    """The names of the campaigns that have not ended and choose members by the attribute: it is not to be removed."""
    return [row["name"] for row in await conn.fetch(QUERIES.list_campaigns_of_attribute, program_id, key)]


def _audience(row: Any) -> Audience:
    return Audience(**{**row, "tree": _read_tree(row["tree"])})

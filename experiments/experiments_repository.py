"""Experiments and the program's holdout in the database. A process reads what it knows of them program by program."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from experiments.allocation import Allocation, Piece
from experiments.experiment import Experiment, ProgramExperiments, ProgramHoldout, Variant
from ids import CampaignId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "experiments.sql")

_ALLOCATION = msgspec.json.Decoder(tuple[Piece, ...])
_VARIANTS = msgspec.json.Decoder(tuple[Variant, ...])


async def upsert_program_holdout(
    conn: Connection, program_id: ProgramId, percent: int, fresh_salt: bytes, now: datetime
) -> None:
    """`fresh_salt` is for a program that has none yet; another keeps its own."""
    await conn.execute(
        *QUERIES.upsert_program_holdout(program_id=program_id, percent=percent, salt=fresh_salt, now=now)
    )


async def find_program_holdout(conn: Connection, program_id: ProgramId) -> ProgramHoldout | None:
    """Also one that has ended; None where there never was one."""
    row = await conn.fetchrow(QUERIES.find_program_holdout, program_id)
    return None if row is None else ProgramHoldout(**row)


async def read_program_experiments(
    conn: Connection, program_ids: Iterable[ProgramId] | None = None
) -> dict[ProgramId, ProgramExperiments]:
    """Of these programs, or of all. Those where nothing is tried are absent, where none are named."""
    asked = None if program_ids is None else list(program_ids)
    holdouts = {
        row["program_id"]: ProgramHoldout(**row) for row in await conn.fetch(QUERIES.read_program_holdouts, asked)
    }
    rows = await conn.fetch(*QUERIES.read_experiments(program_ids=asked, campaign_id=None, running=True))
    running: dict[ProgramId, dict[CampaignId, Experiment]] = {}
    for row in rows:
        running.setdefault(row["program_id"], {})[row["campaign_id"]] = _experiment(row)
    named = {*holdouts, *running} if asked is None else asked
    return {each: ProgramExperiments(holdouts.get(each), running.get(each, {})) for each in named}


async def find_experiment(conn: Connection, campaign_id: CampaignId) -> Experiment | None:
    """Also one that has ended."""
    row = await conn.fetchrow(*QUERIES.read_experiments(program_ids=None, campaign_id=campaign_id, running=False))
    return None if row is None else _experiment(row)


async def create_experiment(conn: Connection, experiment: Experiment) -> None:
    await conn.execute(
        *QUERIES.insert_experiment(
            campaign_id=experiment.campaign_id,
            program_id=experiment.program_id,
            salt=experiment.salt,
            holdout_percent=experiment.holdout_percent,
            now=experiment.started_at,
        )
    )
    await _insert_split(conn, experiment, experiment.started_at)
    await write_variants(conn, experiment.campaign_id, experiment.variants)


async def update_experiment(conn: Connection, experiment: Experiment, former_version: int, now: datetime) -> None:
    """Shares, percent and variants; a new version of the shares is written as one."""
    await conn.execute(QUERIES.update_experiment, experiment.campaign_id, experiment.holdout_percent)
    if experiment.version != former_version:
        await _insert_split(conn, experiment, now)
    await write_variants(conn, experiment.campaign_id, experiment.variants)


async def write_variants(conn: Connection, campaign_id: CampaignId, variants: Sequence[Variant]) -> None:
    """In place of those that there are. The caller holds the program's versions."""
    await conn.execute(QUERIES.delete_variants, campaign_id)
    await conn.execute(
        *QUERIES.insert_variants(
            campaign_id=campaign_id,
            **{
                column: [getattr(each, column) for each in variants]
                for column in ("code", "share", "offer", "benefit", "offer_version")
            },
        )
    )


async def end_experiment(conn: Connection, campaign_id: CampaignId, now: datetime) -> None:
    """From now on everybody gets the campaign as it is. One that has ended stays as it ended."""
    await conn.execute(QUERIES.end_experiment, campaign_id, now)


async def list_splits(conn: Connection, campaign_id: CampaignId) -> Mapping[int, Allocation]:
    """The allocations of an experiment, by version."""
    return {
        row["version"]: _ALLOCATION.decode(row["allocation"])
        for row in await conn.fetch(QUERIES.list_splits, campaign_id)
    }


async def _insert_split(conn: Connection, experiment: Experiment, now: datetime) -> None:
    await conn.execute(
        *QUERIES.insert_split(
            campaign_id=experiment.campaign_id,
            version=experiment.version,
            allocation=msgspec.json.encode(experiment.allocation).decode(),
            now=now,
        )
    )


def _experiment(row: Any) -> Experiment:
    columns = dict(row)
    columns["allocation"] = _ALLOCATION.decode(columns["allocation"])
    columns["variants"] = _VARIANTS.decode(columns["variants"])
    return Experiment(**columns)

"""Runs of campaigns in the database: who is at them, how far they are, and what came of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from coupons.campaigns.campaign import AudienceVersion
from coupons.campaigns.occasions import LocalMoment
from coupons.campaigns.runs import Allowance, NewPart, NewRun, Part, Run
from coupons.campaigns.speeds import Pace, Speed
from ids import CampaignId, CampaignRunId, MemberId, ProgramId
from kit.database import Connection
from kit.pages import NEWEST, PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "runs.sql")
# A batch takes a second at most; whoever has not come back after that is gone.
LEASE_S = 30
# As long as somebody may ask what came of it, and longer than an occasion can be late.
_KEPT = timedelta(days=400)

_read_speed = msgspec.json.Decoder(Speed).decode
_read_outcomes = msgspec.json.Decoder(dict[str, int]).decode


async def insert_run(conn: Connection, run: NewRun) -> bool:
    """False where the campaign has had this occasion."""
    moment, audience = run.moment, run.audience
    inserted = await conn.fetchval(
        *QUERIES.insert_run(
            id=run.id,
            program_id=run.program_id,
            campaign_id=run.campaign_id,
            occasion=run.occasion,
            audience_id=None if audience is None else audience.audience_id,
            audience_version=None if audience is None else audience.version,
            speed=msgspec.json.encode(run.speed).decode(),
            local_at=None if moment is None else moment.at,
            not_before=None if moment is None else moment.not_before,
            due_at=run.due_at,
            started_by=run.started_by,
            created_at=run.created_at,
        )
    )
    return inserted is not None


async def find_run(
    conn: Connection, program_id: ProgramId, campaign_id: CampaignId, run_id: CampaignRunId
) -> Run | None:
    found = await _read_runs(conn, program_id, campaign_id, PageRequest(NEWEST, 1), run_id)
    return found[0] if found else None


async def list_runs(conn: Connection, program_id: ProgramId, campaign_id: CampaignId, page: PageRequest) -> list[Run]:
    return await _read_runs(conn, program_id, campaign_id, page, None)


async def _read_runs(
    conn: Connection, program_id: ProgramId, campaign_id: CampaignId, page: PageRequest, only: CampaignRunId | None
) -> list[Run]:
    rows = await conn.fetch(
        *QUERIES.list_runs(
            program_id=program_id,
            campaign_id=campaign_id,
            before=page.before,
            fetch_count=page.fetch_count,
            only=only,
        )
    )
    return [_run(row) for row in rows]


async def stop_run(conn: Connection, campaign_id: CampaignId, run_id: CampaignRunId, now: datetime) -> bool:
    """False where it is over or stopped. After the commit nothing more of it is issued."""
    return await conn.fetchval(QUERIES.stop_run, campaign_id, run_id, now) is not None


async def resume_run(conn: Connection, campaign_id: CampaignId, run_id: CampaignRunId, now: datetime) -> bool:
    """False where it is not stopped."""
    return await conn.fetchval(QUERIES.resume_run, campaign_id, run_id, now) is not None


async def lock_waiting_run(conn: Connection, now: datetime) -> Run | None:
    """One that is to be planned, for this transaction."""
    row = await conn.fetchrow(QUERIES.lock_waiting_run, now)
    return _run(row) if row else None


async def start_run(
    conn: Connection, run_id: CampaignRunId, parts: Sequence[NewPart], pace: Pace | None, now: datetime
) -> None:
    if pace is None:
        await conn.execute(QUERIES.start_run, run_id, None, None, None)
    else:
        await conn.execute(QUERIES.start_run, run_id, pace.members_per_s, pace.counts, now)
    await conn.execute(
        *QUERIES.insert_parts(
            run_id=run_id,
            due_at=[part.due_at for part in parts],
            after_at=[part.after_at for part in parts],
            is_last_wave=[part.is_last_wave for part in parts],
            after_member=[part.after_member for part in parts],
            until_member=[part.until_member for part in parts],
            members=[part.members for part in parts],
        )
    )


async def lease_part(conn: Connection, now: datetime, resting: Sequence[CampaignRunId]) -> Part | None:
    """One that is due, of another run than the resting ones. None: nothing is to be done now."""
    row = await conn.fetchrow(QUERIES.lease_part, now, LEASE_S, resting)
    return Part(**row) if row else None


async def release_part(conn: Connection, part: Part) -> None:
    await conn.execute(QUERIES.release_part, part.run_id, part.number)


async def hold_run(conn: Connection, run_id: CampaignRunId) -> Run | None:
    """None where it is not running any more. Otherwise it is, until this transaction ends."""
    row = await conn.fetchrow(QUERIES.hold_run, run_id)
    return _run(row) if row else None


async def read_allowance(conn: Connection, run_id: CampaignRunId, now: datetime) -> Allowance | None:
    """What its pace leaves it by now; None: it has none."""
    row = await conn.fetchrow(QUERIES.read_allowance, run_id, now)
    return None if row is None or row["pace_counts"] is None else Allowance(row["pace_counts"], int(row["members"]))


async def hold_part(conn: Connection, part: Part) -> bool:
    """False where another worker has gone on with it."""
    return await conn.fetchval(QUERIES.hold_part, part.run_id, part.number, part.cursor) is not None


async def advance_part(
    conn: Connection,
    part: Part,
    *,
    cursor: MemberId | None,
    walked: int,
    outcomes: Mapping[str, int],
    is_done: bool,
    now: datetime,
) -> None:
    """`outcomes`: of those who were decided on. The caller holds the part."""
    await conn.execute(
        *QUERIES.advance_part(
            run_id=part.run_id,
            number=part.number,
            cursor=cursor,
            walked=walked,
            decided=sum(outcomes.values()),
            outcomes=msgspec.json.encode(outcomes).decode(),
            is_done=is_done,
            lease_s=LEASE_S,
            now=now,
        )
    )


async def end_runs(conn: Connection, now: datetime) -> list[CampaignRunId]:
    """Those of which all is done; of a campaign that has ended, what is left is stopped."""
    await conn.execute(QUERIES.stop_runs_of_ended, now)
    return [row["id"] for row in await conn.fetch(QUERIES.end_runs, now)]


async def purge_runs(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_parts, now - _KEPT)
    await conn.execute(QUERIES.purge_runs, now - _KEPT)


async def begin_sweep(conn: Connection, campaign_id: CampaignId, now: datetime) -> None:
    """What happened before is not answered."""
    await conn.execute(QUERIES.begin_sweep, campaign_id, now)


async def hold_sweep(conn: Connection, campaign_id: CampaignId) -> datetime | None:
    """Up to when it has come; None where somebody else is at it."""
    swept_to: datetime | None = await conn.fetchval(QUERIES.hold_sweep, campaign_id)
    return swept_to


async def advance_sweep(conn: Connection, campaign_id: CampaignId, swept_to: datetime) -> None:
    await conn.execute(QUERIES.advance_sweep, campaign_id, swept_to)


def _run(row: Any) -> Run:
    columns = dict(row)
    local_at, not_before = columns.pop("local_at"), columns.pop("not_before")
    audience_id, version = columns.pop("audience_id"), columns.pop("audience_version")
    outcomes = columns.pop("outcomes")
    return Run(
        **columns
        | {
            "speed": _read_speed(row["speed"]),
            "moment": None if local_at is None else LocalMoment(local_at, not_before),
            "audience": None if audience_id is None else AudienceVersion(audience_id, version),
            "outcomes": {} if outcomes is None else _read_outcomes(outcomes),
        }
    )

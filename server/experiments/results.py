"""What came of a campaign: a sum an arm from the database, and what the statistics make of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from experiments import experiments_repository
from experiments.allocation import Allocation
from experiments.effects import Effect, Stratum, compare
from experiments.experiment import HOLDOUT, PROGRAM_HOLDOUT, Experiment
from experiments.moments import Sums, moments_of
from experiments.sample_ratio import Counted, check_sample_ratio
from ids import CampaignId, ProgramId
from kit.database import Connection
from kit.sql import load_queries
from server.experiments.result_bodies import ArmResult, CampaignResults, Change, SampleRatio

QUERIES = load_queries(__file__, "results.sql")

# What a member did before they were eligible is told from so many days.
DAYS_BEFORE = 90
ARM_COUNTS = ("assigned", "issued", "delivered", "displayed", "opened", "redeemed")


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """All that `reckon` needs: rows of `sum_arms`, the splits by version (none: no experiment), arms in their order."""

    campaign_id: CampaignId
    days: int
    until: datetime
    rows: Sequence[Mapping[str, Any]]
    splits: Mapping[int, Allocation]
    order: Sequence[str]


async def gather(
    conn: Connection, program_id: ProgramId, campaign_id: CampaignId, days: int, now: datetime
) -> Gathered:
    """Of the campaign's experiment; where it never had one, of the program's holdout."""
    experiment = await experiments_repository.find_experiment(conn, campaign_id)
    until = await _until(conn, program_id, experiment, now)
    rows = await conn.fetch(
        *QUERIES.sum_arms(
            campaign_id=campaign_id,
            days=days,
            days_before=DAYS_BEFORE,
            until=until,
            of_experiment=experiment is not None,
        )
    )
    return Gathered(
        campaign_id=campaign_id,
        days=days,
        until=until,
        rows=[dict(row) for row in rows],
        splits={} if experiment is None else await experiments_repository.list_splits(conn, campaign_id),
        order=[HOLDOUT, PROGRAM_HOLDOUT, *([each.code for each in experiment.variants] if experiment else [])],
    )


def reckon(gathered: Gathered) -> CampaignResults:
    """Pure but for the time that it takes: not on the loop, since SciPy is imported by the first."""
    found = {row["arm"] for row in gathered.rows}
    arms = [arm for arm in gathered.order if arm in found]
    arms += sorted(found - set(arms))
    control = arms[0] if arms else None
    ratio = check_sample_ratio(_count(gathered))
    return CampaignResults(
        campaign_id=gathered.campaign_id,
        days=gathered.days,
        until=gathered.until,
        control=control,
        sample_ratio=None if ratio is None else SampleRatio(ratio.p_value, ratio.is_suspicious),
        arms=[_result(gathered.rows, arm, None if arm == control else control) for arm in arms],
    )


async def _until(conn: Connection, program_id: ProgramId, experiment: Experiment | None, now: datetime) -> datetime:
    """Who was held out gets everything from the moment on at which the holdout ended."""
    if experiment is not None:
        return experiment.ended_at or now
    holdout = await experiments_repository.find_program_holdout(conn, program_id)
    return now if holdout is None else holdout.ended_at or now


def _count(gathered: Gathered) -> list[Counted]:
    groups: dict[tuple[int, int], dict[str, int]] = {}
    for row in gathered.rows:
        groups.setdefault((row["version"], row["program_percent"]), {})[row["arm"]] = row["assigned"]
    return [Counted(gathered.splits.get(version), percent, members) for (version, percent), members in groups.items()]


def _result(rows: Sequence[Mapping[str, Any]], arm: str, control: str | None) -> ArmResult:
    own = [row for row in rows if row["arm"] == arm]
    measured = sum(row["measured"] for row in own)
    return ArmResult(
        arm=arm,
        **{name: sum(row[name] for row in own) for name in ARM_COUNTS},
        measured=measured,
        visits_mean=float(sum(row["visits_y"] for row in own)) / measured if measured else None,
        sales_mean=float(sum(row["sales_y"] for row in own)) / measured if measured else None,
        visits=None if control is None else _change(rows, arm, control, "visits"),
        sales=None if control is None else _change(rows, arm, control, "sales"),
    )


def _change(rows: Sequence[Mapping[str, Any]], arm: str, control: str, measure: str) -> Change | None:
    by_time: dict[tuple[int, int], dict[str, Sums]] = {}
    for row in rows:
        if row["arm"] in (arm, control) and row["measured"]:
            by_time.setdefault((row["version"], row["program_percent"]), {})[row["arm"]] = _sums(row, measure)
    strata = [Stratum(moments_of(sums[arm]), moments_of(sums[control])) for sums in by_time.values() if len(sums) == 2]
    effect = compare(strata)
    return None if effect is None else _view(effect)


def _sums(row: Mapping[str, Any], measure: str) -> Sums:
    columns = {name: int(row[f"{measure}_{name}"]) for name in ("y", "yy", "x", "xx", "xy")}
    return Sums(members=row["measured"], **columns)


def _view(effect: Effect) -> Change:
    return Change(
        difference=effect.difference,
        low=effect.low,
        high=effect.high,
        always_low=effect.always_low,
        always_high=effect.always_high,
        lift_percent=_percent(effect.lift),
        lift_low_percent=_percent(effect.lift_low),
        lift_high_percent=_percent(effect.lift_high),
        variance_left=effect.variance_left,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share

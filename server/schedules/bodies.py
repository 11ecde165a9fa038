"""What the API takes and answers of runs. `coupons.campaigns.runs` has the entities behind them."""

from datetime import datetime
from typing import Annotated

import msgspec

from coupons.campaigns import runs
from coupons.campaigns.speeds import AtOnce, Speed
from ids import AudienceId, CampaignId, CampaignRunId
from server.web.fields import Body


class StartRunRequest(Body, frozen=True, kw_only=True):
    """To whom a campaign goes out now, and how fast."""

    audience_id: AudienceId | None = None
    """Only the members of this saved audience, besides the campaign's own. Null: all whom the campaign is for."""
    audience_version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Which version of it. Null: the newest."""
    speed: Speed = AtOnce()
    """How fast: `now`, spread `over_minutes`, so many `per_hour`, or at a `local_time` of each member's own clock."""


class CampaignRun(msgspec.Struct, frozen=True, kw_only=True):
    """One occasion of a campaign, for all members whom it may concern, and how far it has come."""

    id: CampaignRunId
    """The run."""
    campaign_id: CampaignId
    """The campaign."""
    occasion: str
    """What it is run for: the local day or moment of the occasion; of a run by hand its own id."""
    state: runs.RunState
    """`waiting` until it is cut into parts, `running`, `stopped` by somebody or with its campaign, or `done`."""
    audience_id: AudienceId | None
    """Whom it is for, besides the campaign's audience. Null: no further bound."""
    audience_version: int | None
    """Which version of that audience."""
    speed: Speed
    """How fast it goes."""
    due_at: datetime
    """From when on it goes; with a local time, when the first may come."""
    started_by: str | None
    """Who of the staff has started it. Null: time did."""
    created_at: datetime
    """When it was started."""
    ended_at: datetime | None
    """When it was done or stopped. Null: it is not."""
    members: int | None
    """How many members it walks past. Null: not counted beforehand (of an occasion that concerns few a day)."""
    walked: int
    """How many of them it has looked at."""
    progress: float | None
    """How far it has come, from 0 to 1. Null: not known."""
    decided: int
    """How many of those it has looked at are whom it is for. The others are not in the audience."""
    outcomes: dict[str, int]
    """What became of these: how many coupons were `issued`, or why there was none (as in the campaign's report)."""


def view_run(run: runs.Run) -> CampaignRun:
    return CampaignRun(
        id=run.id,
        campaign_id=run.campaign_id,
        occasion=run.occasion,
        state=run.state,
        audience_id=None if run.audience is None else run.audience.audience_id,
        audience_version=None if run.audience is None else run.audience.version,
        speed=run.speed,
        due_at=run.due_at,
        started_by=run.started_by,
        created_at=run.created_at,
        ended_at=run.ended_at,
        members=run.members,
        walked=run.walked,
        progress=_progress(run),
        decided=run.decided,
        outcomes=dict(run.outcomes),
    )


def _progress(run: runs.Run) -> float | None:
    """Who has joined meanwhile is walked past too, so it is kept below 1 until all is done."""
    if run.state == "done":
        return 1.0
    if run.members is None:
        return None
    return min(0.999, run.walked / run.members) if run.members else 0.0

"""A run: one occasion of a campaign that time or the staff start, for all members whom it may concern. Values only."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from coupons.campaigns.campaign import AudienceVersion
from coupons.campaigns.occasions import LocalMoment
from coupons.campaigns.speeds import Counted, Speed
from ids import CampaignId, CampaignRunId, MemberId, ProgramId

RunState = Literal["waiting", "running", "stopped", "done"]


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """`occasion`: what it is run for; the same of a campaign is never run twice. `due_at`: from when on. `moment`: a
    moment of each member's own clock; None: `due_at` is everybody's. `audience`: only for its members, besides the
    campaign's own. `started_by` None: time did.
    """

    id: CampaignRunId
    program_id: ProgramId
    campaign_id: CampaignId
    occasion: str
    due_at: datetime
    moment: LocalMoment | None = None
    audience: AudienceVersion | None = None
    speed: Speed
    started_by: str | None = None
    created_at: datetime


class Run(NewRun, frozen=True, kw_only=True):
    """`members`: how many were there as it began; None: nobody has counted. `walked`: how many of them were looked at,
    `decided`: how many of those are in its audiences; `outcomes`: what became of these."""

    state: RunState
    ended_at: datetime | None
    members: int | None
    walked: int
    decided: int
    outcomes: Mapping[str, int]

    @property
    def occasion_day(self) -> date:
        """Of a trigger of the calendar."""
        return date.fromisoformat(self.occasion)


class NewPart(msgspec.Struct, frozen=True, kw_only=True):
    """Members by a range of their ids: behind `after_member`, up to `until_member`; None: to the end. Of a local moment
    those for whom it comes between `after_at` and `due_at`, of the last wave also later. `members`: how many there are,
    told in the first wave; None: nobody has counted."""

    due_at: datetime
    after_at: datetime | None = None
    is_last_wave: bool = True
    after_member: MemberId | None
    until_member: MemberId | None
    members: int | None


class Part(NewPart, frozen=True, kw_only=True):
    """`cursor`: the last member who was looked at."""

    run_id: CampaignRunId
    number: int
    cursor: MemberId | None

    @property
    def after(self) -> MemberId | None:
        """Behind whom it goes on."""
        return self.cursor or self.after_member


class Allowance(msgspec.Struct, frozen=True):
    """What the pace of a run leaves it by now: so many members to walk past, or to decide on; none where below 1."""

    counts: Counted
    members: int

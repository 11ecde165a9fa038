"""Transitions and scans as the staff see them: each with what campaigns made of it, for as long as that is kept."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from coupons.issuing.decisions_repository import find_outcomes
from geo.transition import TransitionRecord
from ids import CampaignId
from kit.database import Connection
from visits.evidence import StoreScan

# A phone's clock may be ahead of ours.
_SKEW = timedelta(hours=1)


class StoreTransition(TransitionRecord, frozen=True, kw_only=True):
    """A transition, and what came of it."""

    decisions: dict[CampaignId, str]
    """What each campaign that it triggers made of it: `issued`, or the reason why not. Kept for 30 days."""


class DecidedScan(StoreScan, frozen=True, kw_only=True):
    """Evidence for a visit, and what came of it."""

    decisions: dict[CampaignId, str]
    """What each campaign made of it, by the campaign's id: `issued`, or why no coupon was issued. Kept for 30 days."""


async def with_decisions(conn: Connection, transitions: Sequence[TransitionRecord]) -> list[StoreTransition]:
    since = min((each.received_at for each in transitions), default=None)
    found = (
        {} if since is None else await find_outcomes(conn, [(each.member_id, each.id) for each in transitions], since)
    )
    return [StoreTransition(**msgspec.structs.asdict(each), decisions=found.get(each.id, {})) for each in transitions]


async def with_scan_decisions(conn: Connection, scans: Sequence[StoreScan]) -> list[DecidedScan]:
    since = min((each.at for each in scans), default=None)
    sources = [(each.member_id, each.id) for each in scans]
    found = {} if since is None else await find_outcomes(conn, sources, since - _SKEW)
    return [DecidedScan(**msgspec.structs.asdict(each), decisions=found.get(each.id, {})) for each in scans]

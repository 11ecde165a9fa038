"""What a campaign is rehearsed with: itself as if it had run all the time, and those that contend with it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from audiences import tree as t
from audiences.audience import LoadedAudience
from audiences.audiences_repository import load_audiences
from audiences.views import Needs, join_needs, needs_of
from audiences.walk import AudienceKey, walk
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import COUNTED, event_of
from kit.database import Connection
from server.rehearsals.rewind import Rewound
from server.runtime.snapshot import Snapshot

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`snapshot`: of the program only the campaigns that play. `rivals`: those of the same exclusive group.

    `needs`: what is read of members as they are now; `books`: what is rebuilt from rows.
    """

    campaign: Campaign
    rivals: Sequence[Campaign]
    snapshot: Snapshot
    audiences: dict[AudienceKey, LoadedAudience]
    needs: Needs
    books: Rewound
    counts_visits: bool

    @property
    def players(self) -> list[Campaign]:
        return [self.campaign, *self.rivals]

    @property
    def tries(self) -> bool:
        """Whether somebody is held out, or variants are tried."""
        known = self.snapshot.experiments.get(self.campaign.program_id)
        return known is not None and (
            known.holdout is not None or any(each.id in known.running for each in self.players)
        )


async def set_stage(conn: Connection, snapshot: Snapshot, campaign: Campaign) -> Stage:
    as_if = msgspec.structs.replace(campaign, state="running", starts_at=_EVER, ends_at=None, withdrawal=None)
    rivals = [each for each in snapshot.campaigns.get(campaign.program_id, ()) if _contends(campaign, each)]
    players = [as_if, *rivals]
    keys = {(each.audience.audience_id, each.audience.version) for each in players if each.audience is not None}
    audiences = await load_audiences(conn, campaign.program_id, keys) if keys else {}
    nodes = [node for each in audiences.values() for _, _, node in walk(each.tree)]
    needs = join_needs(needs_of([each.tree]) for each in audiences.values())
    return Stage(
        campaign=as_if,
        rivals=rivals,
        snapshot=snapshot.with_campaigns(campaign.program_id, players),
        audiences=audiences,
        needs=Needs(profile=needs.profile, reach=needs.reach, judged=needs.judged),
        books=books_of(nodes),
        counts_visits=any(each.trigger.kind in COUNTED for each in players),
    )


def _contends(campaign: Campaign, other: Campaign) -> bool:
    """Whether they may meet at one event, of which the better one gives."""
    return (
        campaign.exclusive_group is not None
        and other.exclusive_group == campaign.exclusive_group
        and other.id != campaign.id
        and event_of(other.trigger.kind) == event_of(campaign.trigger.kind)
    )


def books_of(nodes: Sequence[t.Tree]) -> Rewound:
    def asks(*leaves: type) -> bool:
        return any(isinstance(node, leaves) for node in nodes)

    return Rewound(
        visits=asks(t.VisitCount, t.LastVisit, t.VisitCycle),
        purchases=asks(t.PurchaseTotal, t.LastPurchase),
        points=asks(t.PointsHeld),
        ranks=asks(t.RankIs),
        stamps=asks(t.StampsHeld),
        coupons=asks(t.CouponHeld),
    )

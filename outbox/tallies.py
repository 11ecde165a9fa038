"""What is counted of a campaign's messages, and by how much an outcome changes it. Pure.

`sent`, `failed` (for good, or not in time) and `unknown` are ends; `deferred` counts whatever once waited for the end
of quiet hours, `waiting` what does so now; `dropped:<reason>` what the governor refused.
"""

from collections import Counter
from typing import NamedTuple

from ids import CampaignId
from outbox.kinds import ChannelKind

_ENDS = {"sent": "sent", "failed": "failed", "expired": "failed", "unknown": "unknown"}


class TallyKey(NamedTuple):
    campaign_id: CampaignId
    channel: ChannelKind
    measure: str


class TallyChanges(Counter[TallyKey]):
    """By how much each count changes."""

    def enter(
        self,
        campaign_id: CampaignId | None,
        state: str,
        reason: str | None = None,
        *,
        channel: ChannelKind = "push",
        is_first_deferral: bool = False,
    ) -> None:
        """A message has come to be in a state. One of no campaign is not counted, and neither is one on its way."""
        if campaign_id is None:
            return
        if state in _ENDS:
            self[TallyKey(campaign_id, channel, _ENDS[state])] += 1
        elif state == "dropped":
            self[TallyKey(campaign_id, channel, f"dropped:{reason}")] += 1
        elif state == "deferred":
            self[TallyKey(campaign_id, channel, "waiting")] += 1
            self[TallyKey(campaign_id, channel, "deferred")] += is_first_deferral

    def move_deferral(self, campaign_id: CampaignId | None, channel: ChannelKind, to: ChannelKind) -> None:
        """One that has waited for the end of quiet hours goes by another channel."""
        if campaign_id is not None and channel != to:
            self[TallyKey(campaign_id, channel, "deferred")] -= 1
            self[TallyKey(campaign_id, to, "deferred")] += 1

    def leave(self, campaign_id: CampaignId | None, state: str, *, channel: ChannelKind = "push") -> None:
        """It is in that state no more."""
        if campaign_id is None:
            return
        if state in _ENDS:
            self[TallyKey(campaign_id, channel, _ENDS[state])] -= 1
        elif state == "deferred":
            self[TallyKey(campaign_id, channel, "waiting")] -= 1

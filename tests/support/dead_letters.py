"""A message that could not be delivered."""

from uuid import UUID

from tests.support.lives import ok
from tests.support.stage import set_stage
from tests.support.world import Chain, Member

# As if the push service had refused it for good.
_REFUSED = """
WITH refused AS (
    UPDATE outbox SET state = 'failed', failure = 'unregistered', attempts = 1, payload = '{}', device_id = $2
    WHERE campaign_id = $1
    RETURNING campaign_id
)
INSERT INTO message_tally_changes (campaign_id, channel, measure, change)
SELECT campaign_id, 'push', unnest(ARRAY['failed', 'dropped:unreachable']), unnest(ARRAY[1, -1])
FROM refused
"""


async def fail_push(chain: Chain) -> tuple[str, Member]:
    """The campaign's id, and the member who is not told of their coupon."""
    stage = await set_stage(chain)
    campaign_id = str(await chain.add_campaign(trigger={"kind": "visit"}))
    member = await chain.enrol()
    ok(await stage.till.at.post("/v1/scans", {"card": member.card_number}))
    await chain.world.pool.execute(_REFUSED, UUID(campaign_id), member.device_id)
    return campaign_id, member

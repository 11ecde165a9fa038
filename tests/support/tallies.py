"""A campaign's counts of messages against the messages themselves."""

from ids import ProgramId
from kit.database import Pool
from outbox.tallies_repository import read_tallies

_SCAN = """
SELECT campaign_id, channel, measure, count(*) AS messages
FROM (
    SELECT campaign_id, channel,
           CASE state WHEN 'expired' THEN 'failed' WHEN 'deferred' THEN 'waiting'
                      WHEN 'dropped' THEN 'dropped:' || failure ELSE state END AS measure
    FROM outbox
    WHERE state NOT IN ('pending', 'sending', 'retryable', 'refused')
    UNION ALL
    SELECT campaign_id, channel, 'deferred' FROM outbox WHERE deferrals > 0
) told
WHERE campaign_id = ANY ($1)
GROUP BY campaign_id, channel, measure
"""


async def expect_counted(pool: Pool, program_id: ProgramId | None = None) -> None:
    """Of all campaigns, or in a world that many share of those of a program, while no message has left."""
    of_program = "SELECT id FROM campaigns WHERE program_id = coalesce($1, program_id)"
    campaign_ids = [row["id"] for row in await pool.fetch(of_program, program_id)]
    scanned: dict[object, dict[str, dict[str, int]]] = {}
    for row in await pool.fetch(_SCAN, campaign_ids):
        channels = scanned.setdefault(row["campaign_id"], {})
        channels.setdefault(row["channel"], {})[row["measure"]] = row["messages"]
    async with pool.acquire() as conn:
        counted = {each: await read_tallies(conn, each) for each in campaign_ids}
    assert {each: tallies for each, tallies in counted.items() if tallies} == scanned

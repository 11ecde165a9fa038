"""What waits in each queue of the outbox, for the gauges."""

from kit.leases import backlog_query
from outbox.kinds import QUEUES

MEASURES: dict[str, str] = {
    queue: backlog_query("outbox", due_at="next_attempt_at", is_open=f"t.queue = '{queue}'") for queue in QUEUES
}

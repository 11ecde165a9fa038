"""What must be done now and then on the database: partitions ahead, old ones dropped, old records forgotten."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from cards.card_keys_repository import purge_revoked_serials
from cards.code_uses_repository import purge_code_uses
from cards.google_passes_repository import purge_old_endings
from channels.deliveries_repository import purge_staff_deliveries
from channels.line import line_links_repository
from channels.line.line_events_repository import purge_events
from channels.messenger import messenger_links_repository
from channels.phone.incoming_calls_repository import purge_incoming_calls
from channels.phone.phone_accounts_repository import purge_phone_spending
from channels.phone.phone_sends_repository import purge_phone_sends
from coupons.campaigns.pictures_repository import purge_unused_pictures
from coupons.campaigns.runs_repository import purge_runs
from coupons.issuing.budgets_repository import purge_budgets
from coupons.issuing.decisions_repository import maintain_decisions
from experiments.assignments_repository import purge_assignments
from geo.transitions_repository import maintain_transitions
from imports.runs_repository import purge_old_faults
from kit.database import Connection, DatabaseUnavailable, Pool, describe_failure, in_transaction
from members.alerts_repository import purge_old_alerts
from members.invitations_repository import purge_unused_invitations
from members.opt_ins_repository import purge_old_opt_ins
from members.permits_repository import purge_old_permits
from members.recovery_repository import purge_recovery_credentials
from members.transfers_repository import purge_old_transfers
from members.verifications_repository import purge_old_verifications
from outbox.sealed_messages_repository import purge_sealed_messages
from programs.factors_repository import purge_challenges
from programs.password_resets_repository import purge_password_resets
from programs.staff_links_repository import purge_staff_links
from push.latencies_repository import purge_latencies
from push.quota_repository import purge_quotas
from server.phone.settle_report import settle_late_reports
from server.runtime.pulse import purge_pulses
from server.web.idempotency import purge_old_records

_QUOTAS_KEPT = timedelta(days=60)
_LATENCIES_KEPT = timedelta(days=400)
_SPENDING_KEPT = timedelta(days=400)
_LOCK = 0x6E6F72656E01

Task = Callable[[Connection], Awaitable[object]]

log = structlog.get_logger()


async def run_maintenance(pool: Pool, now: datetime, transition_days: int) -> None:
    """Any process may call it at any time; one does the work, and the next finds nothing left to do.

    A task that fails, or takes too long, keeps none of the others from being done. Raises DatabaseUnavailable.
    """
    tasks: tuple[Task, ...] = (
        lambda conn: maintain_transitions(conn, now, transition_days),
        lambda conn: maintain_decisions(conn, now),
        lambda conn: purge_old_records(conn, now),
        lambda conn: purge_old_verifications(conn, now),
        lambda conn: purge_old_permits(conn, now),
        lambda conn: purge_old_opt_ins(conn, now),
        lambda conn: purge_old_transfers(conn, now),
        lambda conn: purge_recovery_credentials(conn, now),
        lambda conn: purge_old_alerts(conn, now),
        lambda conn: purge_staff_deliveries(conn, now),
        lambda conn: purge_sealed_messages(conn, now),
        lambda conn: purge_events(conn, now),
        lambda conn: line_links_repository.purge_nonces(conn, now),
        lambda conn: messenger_links_repository.purge_nonces(conn, now),
        lambda conn: settle_late_reports(conn, now),
        lambda conn: purge_phone_sends(conn, now),
        lambda conn: purge_incoming_calls(conn, now),
        lambda conn: purge_unused_invitations(conn, now),
        lambda conn: purge_phone_spending(conn, (now - _SPENDING_KEPT).date()),
        lambda conn: purge_password_resets(conn, now),
        lambda conn: purge_staff_links(conn, now),
        lambda conn: purge_challenges(conn, now),
        lambda conn: purge_quotas(conn, (now - _QUOTAS_KEPT).date()),
        lambda conn: purge_latencies(conn, (now - _LATENCIES_KEPT).date()),
        lambda conn: purge_old_faults(conn, now),
        lambda conn: purge_code_uses(conn, now),
        lambda conn: purge_revoked_serials(conn, now),
        lambda conn: purge_old_endings(conn, now),
        lambda conn: purge_unused_pictures(conn, now),
        lambda conn: purge_budgets(conn, now),
        lambda conn: purge_runs(conn, now),
        purge_pulses,
        lambda conn: purge_assignments(conn, now),
    )
    outage: DatabaseUnavailable | None = None
    for task in tasks:
        try:
            await in_transaction(pool, partial(_do, task=task))
        except DatabaseUnavailable as error:
            outage = error
        except Exception as error:
            log.warning("housekeeping.failed", **describe_failure(error))
    if outage is not None:
        raise outage


async def _do(conn: Connection, task: Task) -> None:
    await conn.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await task(conn)

"""What the application counts of its own work, beside the requests that Litestar's plugin counts. Read at /metrics."""

from prometheus_client import Counter, Gauge

from kit.leases import COUNTED

_FIXES = Counter("noren_fixes", "Fixes received, by what became of them", ["outcome"])
# Looked up once: finding a label's counter costs more than counting.
FIXES = {
    outcome: _FIXES.labels(outcome) for outcome in ("accepted", "late", "future", "mocked", "no_consent", "refused")
}
COUPONS = Counter("noren_coupons_issued", "Coupons issued")
UNAVAILABLE = Counter("noren_database_unavailable", "Requests answered 503, by what the database said", ["cause"])
CONNECTIONS = Gauge(
    "noren_database_connections", "Database connections of the pools", ["pool", "state"], multiprocess_mode="livesum"
)
WAITING = Gauge(
    "noren_waiting_messages", f"Messages that are not over, counted up to {COUNTED}", ["queue"], multiprocess_mode="max"
)
OVERDUE_S = Gauge(
    "noren_overdue_message_seconds", "How long the first waiting message is due", ["queue"], multiprocess_mode="max"
)
CATALOGUE_VERSION = Gauge(
    "noren_catalogue_version", "Edits of stores, geofences and campaigns that a process knows", multiprocess_mode="min"
)
CATALOGUE_READ_AT = Gauge(
    "noren_catalogue_read_timestamp_seconds", "When a process last compared its catalogue", multiprocess_mode="min"
)
REPORTS = Counter("noren_reports", "Reports that were read, by where", ["source"])
REPLICA_LAG_S = Gauge(
    "noren_replica_lag_seconds", "How far the standby for reports is behind the primary", multiprocess_mode="max"
)
CALLERS = Gauge("noren_connections", "Connections of callers that are open", multiprocess_mode="livesum")
DOOR_REFUSALS = Counter("noren_door_refusals", "Connections that were turned away, by the reason", ["reason"])
FENCES = Gauge("noren_fences", "Geofences in a process's index", multiprocess_mode="max")

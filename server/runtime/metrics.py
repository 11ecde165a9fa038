"""What the application counts of its own work. Read at /metrics."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

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
_APP = "noren"
_REQUEST = ("method", "path", "status_code", "app_name")
_REQUESTS = Counter("noren_requests", "Total requests", _REQUEST)
_REQUEST_ERRORS = Counter("noren_requests_error", "Total errors in requests", _REQUEST)
_REQUEST_DURATION_S = Histogram("noren_request_duration_seconds", "Request duration, in seconds", _REQUEST)
_REQUESTS_IN_PROGRESS = Gauge(
    "noren_requests_in_progress",
    "Total requests currently in progress",
    ("method", "path", "app_name"),
    multiprocess_mode="livesum",
)


@cache
def requests_in_progress(method: str, route: str) -> Gauge:
    """`route`: its template, of which there are as many as routes."""
    return _REQUESTS_IN_PROGRESS.labels(method, route, _APP)


def count_request(method: str, route: str, status: int, took_s: float) -> None:
    requests, errors, duration_s = _find_request_metrics(method, route, status)
    requests.inc()
    duration_s.observe(took_s)
    if status >= 500:
        errors.inc()


@cache
def _find_request_metrics(method: str, route: str, status: int) -> tuple[Counter, Counter, Histogram]:
    labels = (method, route, str(status), _APP)
    return _REQUESTS.labels(*labels), _REQUEST_ERRORS.labels(*labels), _REQUEST_DURATION_S.labels(*labels)

"""What the application counts of its own work, beside the requests that Litestar's plugin counts. Read at /metrics."""

from prometheus_client import Counter, Gauge

_FIXES = Counter("noren_fixes", "Fixes received, by what became of them", ["outcome"])
# Looked up once: finding a label's counter costs more than counting.
FIXES = {
    outcome: _FIXES.labels(outcome) for outcome in ("accepted", "late", "future", "mocked", "no_consent", "refused")
}
COUPONS = Counter("noren_coupons_issued", "Coupons issued")
UNAVAILABLE = Counter("noren_database_unavailable", "Requests answered 503, by what the database said", ["cause"])
FENCES = Gauge("noren_fences", "Geofences in a process's index", multiprocess_mode="max")

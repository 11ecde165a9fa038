"""What the application counts of its own work, beside the requests that Litestar's plugin counts. Read at /metrics."""

from prometheus_client import Counter, Gauge

FIXES = Counter("noren_fixes", "Fixes received, by what became of them", ["outcome"])
COUPONS = Counter("noren_coupons_issued", "Coupons issued by this process")
FENCES = Gauge("noren_fences", "Geofences in this process's index")

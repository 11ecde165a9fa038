"""How long messages take, as /metrics tells it of all programs together."""

from prometheus_client import Histogram

LATENCY_S = Histogram(
    "noren_message_latency_seconds",
    "From a fix or scan being received until the push of its coupon was handed over, and until a phone displayed it",
    ["stage"],
    buckets=(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1800, 3600),
)

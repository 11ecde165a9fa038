"""What is measured, what docs/metrics.md lists, and what the dashboard and the alerts ask for are the same."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml  # type: ignore[import-untyped]
from prometheus_client import REGISTRY

from devtools.bootstrap import ROOT
from kit.leases import Backlog
from server import worker
from server.runtime.gauges import overdue_s
from tests.support.world import Chain

NAME = re.compile(r"\bnoren_[a-z_]+\b")
LABELLED = re.compile(r"(noren_[a-z_]+)\{(\w+)")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def measured() -> set[str]:
    """The names that a scraper sees, without those that a type adds."""
    assert worker.__name__  # what it measures is registered when it is imported
    suffix = {"counter": "_total"}
    return {m.name + suffix.get(m.type, "") for m in REGISTRY.collect() if m.name.startswith("noren_")}


def asked_for(text: str) -> set[str]:
    """Metrics in expressions; a histogram is asked for its buckets."""
    return {name.removesuffix("_bucket") for name in NAME.findall(text)}


def alert_rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard_expressions() -> list[str]:
    document = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in document["panels"] for target in panel["targets"]]


def test_the_page_lists_exactly_what_is_measured() -> None:
    rows = re.findall(r"^\| `(noren_\w+)` \|", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == measured()


def test_the_alerts_and_the_dashboard_ask_for_nothing_else() -> None:
    expressions = [rule["expr"] for rule in alert_rules()] + dashboard_expressions()
    assert asked_for(" ".join(expressions)) <= measured()
    listed = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for name, label in LABELLED.findall(" ".join(expressions)):
        (row,) = re.findall(rf"^\| `{name}` \| (.*?) \|", listed, re.MULTILINE)
        assert label in row or row == "the same"


def test_every_alert_says_what_is_the_matter() -> None:
    for rule in alert_rules():
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_what_is_due_in_the_future_is_not_overdue() -> None:
    assert overdue_s(Backlog(0, None), NOW) == 0
    assert overdue_s(Backlog(3, NOW + timedelta(minutes=5)), NOW) == 0
    assert overdue_s(Backlog(3, NOW - timedelta(minutes=5)), NOW) == 300


async def test_a_scraper_sees_pools_batches_and_the_catalogue(chain: Chain) -> None:
    assert (await chain.enrol()).card_number
    text = (await chain.world.anyone.get("/metrics")).text
    assert re.search(r'noren_database_connections\{pool="api",state="open"\} [1-9]', text)
    assert re.search(r'noren_batch_commands_count\{batch="enrolling"\} [1-9]', text)
    assert re.search(r"noren_catalogue_read_timestamp_seconds 1\.\d+e\+09", text)
    assert 'noren_rounds_total{outcome="done",task="snapshot"}' in text

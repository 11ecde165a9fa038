"""`./run bench coupons`: how fast coupons are issued, beside one row a transaction in the same run.

Several writers at once attempt coupons through the flow (`grant_offers`), half of them duplicates, of a campaign with
caps and of one without; then with the one locked row a budget that there was before slices; then they insert coupons
one by one, as one would write it first. Before it coupons are redeemed, each in a transaction of its own; behind it
`POST /v1/locations` is measured with a hundred running campaigns and with none (`bench.campaign_cost`). Last come
broadcasts (`bench.broadcasts`).
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import msgspec
import uvloop

from bench.broadcasts import Size, measure_broadcasts
from bench.campaign_cost import measure_campaign_cost
from bench.coupon_redeeming import measure_redeeming
from bench.coupon_town import found_town, write_campaign
from devtools import template_database
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database

TARGET = 10
LOCATE_TARGET = 0.85
_CAMPAIGNS = 100
LOCATE_P99_TARGET = 2
# Of a million: in 90 s.
BROADCAST_TARGET_PER_S = 1_000_000 / 90
KINDS = ("flow", "locked", "rows")
_LARGE = 10**9
PREPARE = "CREATE TABLE locked_budgets (id uuid PRIMARY KEY, issued bigint NOT NULL, CHECK (issued >= 0))"


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    size = Size(asked.broadcast_members, asked.posts_per_s, asked.workers)
    with private_database("bench") as server:
        figures = {} if asked.only_broadcast else uvloop.run(_measure(server, asked))
        figures |= uvloop.run(measure_broadcasts(server, size))
    for name, figure in figures.items():
        print(f"{name:<32}{figure:>12,.2f}")
    if "issue_ratio" in figures:
        print(f"target: issue_ratio >= {TARGET}: {'met' if figures['issue_ratio'] >= TARGET else 'missed'}")
        is_met = figures["locate_ratio_100_campaigns"] >= LOCATE_TARGET
        print(f"target: locate_ratio_100_campaigns >= {LOCATE_TARGET}: {'met' if is_met else 'missed'}")
    is_met = figures["broadcast_members_per_s"] >= BROADCAST_TARGET_PER_S
    print(f"target: broadcast_members_per_s >= {BROADCAST_TARGET_PER_S:.0f}: {'met' if is_met else 'missed'}")
    if "broadcast_locate_p99_ratio" in figures:
        is_met = figures["broadcast_locate_p99_ratio"] < LOCATE_P99_TARGET
        print(f"target: broadcast_locate_p99_ratio < {LOCATE_P99_TARGET}: {'met' if is_met else 'missed'}")
    if asked.json:
        print(json.dumps(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench coupons", description="Issuing, beside one row a transaction.")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the figures are their medians")
    parser.add_argument("--writers", type=int, default=4, help="processes")
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--stores", type=int, default=10)
    parser.add_argument("--broadcast-members", type=int, default=50_000, help="of the town that is written to")
    parser.add_argument("--workers", type=int, default=2, help="processes that share a broadcast")
    parser.add_argument(
        "--posts-per-s",
        type=float,
        default=100.0,
        help="that phones wait for beside a second broadcast; 0: there is none",
    )
    parser.add_argument("--only-broadcast", action="store_true", help="measure nothing else")
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    return parser


async def _measure(server: DatabaseServer, asked: argparse.Namespace) -> dict[str, float]:
    dsn = server.url(await template_database.clone(server, await template_database.ensure_template(server)))
    connection = await asyncpg.connect(dsn)
    samples: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory(prefix="noren-coupons-") as folder:
        place = Path(folder) / "town.json"
        async with connection.transaction():
            town = await found_town(connection, asked.members, asked.stores)
            caps = {"cap": _LARGE, "store_cap": _LARGE, "day_cap": _LARGE, "store_day_cap": _LARGE}
            await write_campaign(connection, town, **caps)
            await write_campaign(connection, town)
            await connection.execute(PREPARE)
        place.write_bytes(msgspec.json.encode(town))
        await connection.execute("VACUUM ANALYZE")
        redeeming = await measure_redeeming(dsn, town, asked.seconds)
        for number in range(asked.runs):
            for position, kind in enumerate(KINDS):
                first = 3 * number + position
                rates = [
                    _run_writer(kind, dsn, place, asked.seconds, first * asked.writers + writer)
                    for writer in range(asked.writers)
                ]
                samples[kind].append(sum(await asyncio.gather(*rates)))
        await connection.close()
    cost = await measure_campaign_cost(server, _CAMPAIGNS, asked.seconds, asked.runs)
    flow, locked, rows = (statistics.median(samples[kind]) for kind in KINDS)
    return {
        "issue_attempts_per_s": round(flow, 1),
        "locked_attempts_per_s": round(locked, 1),
        "rows_per_s": round(rows, 1),
        "issue_ratio": round(flow / rows, 2),
        "locked_ratio": round(flow / locked, 2),
        "writers": asked.writers,
        **redeeming,
        "locate_ratio_100_campaigns": round(cost.rate_ratio, 3),
        "locate_cpu_ratio_100_campaigns": round(cost.cpu_ratio, 3),
        "locate_transitions_percent": round(cost.transitions, 1),
    }


async def _run_writer(kind: str, dsn: str, town: Path, seconds: float, number: int) -> float:
    """Attempts per second. `number` is of this writer alone, in all rounds."""
    command = ("-P", "-m", "bench.coupon_writer", kind, dsn, str(town), str(seconds), str(number))
    child = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    told, _ = await child.communicate()
    if child.returncode:
        raise SystemExit("a writer failed")
    return float(told)

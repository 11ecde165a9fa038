"""`./run bench campaigns`: posts of one fix to a program with many running campaigns, beside one without any."""

import argparse
import json
from collections.abc import Sequence

import msgspec
import uvloop

from bench.campaign_cost import measure_campaign_cost
from devtools.private_database import private_database


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    with private_database("bench") as server:
        cost = uvloop.run(measure_campaign_cost(server, asked.campaigns, asked.seconds, asked.runs))
    print(f"\n{asked.campaigns} running campaigns with audiences, beside none; median of {asked.runs} rounds\n")
    print(f"posts of one fix a second    {cost.rate_ratio:.2f}")
    print(f"server's CPU a post          {cost.cpu_ratio:.2f}")
    print(f"PostgreSQL's CPU a post      {cost.database_cpu_ratio:.2f}")
    print(f"transitions of 100 posts     {cost.transitions:.1f}")
    if asked.json:
        print(json.dumps(msgspec.to_builtins(cost)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench campaigns", description="Fixes beside running campaigns.")
    parser.add_argument("--campaigns", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=5, help="rounds; the figures are their medians")
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    return parser

"""`./run bench NAME`: measure one thing and print the figures."""

import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from devtools.apt import SetupError, say

NAMES: Mapping[str, str] = {
    "geo": "the speed of the geofence engine, every figure beside its target; and Tile38 where one is named",
    "locate": "POST /v1/locations beside a handler that only decodes, and beside a transaction a fix",
    "edits": "fences edited while fixes come in: when another process serves them, how long a loop stands still",
    "quality": "doors told on a recorded trace, beside plain containment: false doors, lost stays, delays",
    "oracle": "which fences hold a point: the index in memory against PostGIS, near edges all over the Earth",
    "visits": "visits told on generated walks with known truth: none invented, none lost",
    "scan": "cards at tills beside a handler that only decodes, and the home screen, at 10,000,000 visits",
    "audiences": "audiences counted, and members found, at 1,000,000 members and 10,000,000 visits",
    "import": "a chain's members from a Shift_JIS file: rows/s, and the memory that it takes",
    "chaos": "all flows at once while processes, connections and the database are killed; judged by its history",
    "failover": "the primary lost under load while its standby takes over, with and without synchronous replication",
    "campaigns": "a fix in a program with 500 running campaigns with audiences, beside one in a program without any",
    "coupons": "coupons issued through the flow beside one row a transaction, and beside one locked row a budget",
    "chaos-coupons": "coupons issued and redeemed while processes and the database are killed; judged by its history",
    "chaos-push": "messages sent while the workers are killed: nothing lost, few twice, each under the same id",
    "push": "what a push costs its sender beside firebase-admin's ways; the outbox claimed and recorded",
    "latency": "from a fix received to its push at the push service, at half of the top load, and until phones show it",
    "experiments": "how often intervals and bounds of experiments hold a known effect, in simulations",
    "door": "honest callers beside half-sent requests and guesses at a password",
    "faces": "how long people wait for the pages, in a Chromium that is slowed down, at 1,000,000 members",
    "scale-out": "a database spread over nodes beside one machine's; a node killed, and shards moved, under load",
    "verify": "a till's judgement of a card's code without a line: two signatures with public keys",
}

# Whose module has another name.
_MODULES = {"import": "import_members", "faces": "faces.command", "scale-out": "scale_out.command"}


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: ./run bench NAME [ARGUMENTS]   (NAME --help: its arguments)\n")
        for name, meaning in NAMES.items():
            print(f"  {name:<15}{meaning}")
        return 0
    name, *rest = arguments
    if name not in NAMES:
        say(f"no bench '{name}'; ./run bench lists them")
        return 2
    try:
        module = _MODULES.get(name, name.replace("-", "_"))
        return int(import_module(f"bench.{module}").main(rest))
    except SetupError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    # SIGTERM alone would leave the servers and the database that we started; Ctrl-C is known to all of the code.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(main(sys.argv[1:]))

"""What no line of the log may hold, read off the calls that write one."""

import ast
from collections.abc import Iterator
from pathlib import Path

from devtools.bootstrap import ROOT

PACKAGES = (
    "server", "programs", "members", "cards", "visits", "purchases", "points", "geo", "coupons", "push", "channels",
    "kit",
)  # fmt: skip
LEVELS = {"debug", "info", "warning", "error", "exception"}
# Of a request, and of its trace.
KNOWN_IDS = {"request_id", "trace_id", "run_id"}  # a run is the reading of a file, and names nobody


def keywords() -> Iterator[tuple[Path, int, str]]:
    """Of all calls of `log`: where, and the name."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                called = node.func
                if isinstance(called.value, ast.Name) and called.value.id == "log" and called.attr in LEVELS:
                    yield from ((path, node.lineno, keyword.arg) for keyword in node.keywords if keyword.arg)


def test_no_line_names_a_member_a_phone_or_a_coupon() -> None:
    """An erasure reaches the database and no log: an id that stands there would outlive the person."""
    found = list(keywords())
    assert len(found) > 20, "the calls are written another way now"
    ids = {(path.name, line, name) for path, line, name in found if name.endswith("_id") and name not in KNOWN_IDS}
    assert ids == set()

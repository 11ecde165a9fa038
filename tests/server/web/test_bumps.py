"""A write that changes what processes hold in memory says so in `bumps`; what else takes a version is listed here."""

import ast

from devtools.bootstrap import ROOT

OTHERS = {
    "server/web/writes.py",  # for all that say `bumps`
    "server/backoffice/change_store.py",  # closing a store takes its fences away too
    "server/backoffice/import_chain.py",  # stores are written only where one has changed
    "server/seeding/ground.py",  # no route
}


def test_nothing_else_takes_a_version() -> None:
    bumping = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id).startswith("bump_")
    }
    assert bumping == OTHERS

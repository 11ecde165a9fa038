"""Which revision this code needs, read from the files: a server learns it at every start and need not load Alembic."""

import re
from pathlib import Path

_VERSIONS = Path(__file__).parent / "versions"
_ASSIGNMENT = re.compile(r"^(revision|down_revision) = (?:\"(\w+)\"|None)$", re.MULTILINE)


def head_revision() -> str:
    """The one revision that no other builds on. Raises LookupError where there is none or more than one."""
    named = [dict(_ASSIGNMENT.findall(path.read_text(encoding="utf-8"))) for path in _VERSIONS.glob("*.py")]
    heads: set[str] = {names["revision"] for names in named} - {names.get("down_revision") for names in named}
    if len(heads) != 1:
        raise LookupError(f"migrations/versions has {len(heads)} heads")
    return heads.pop()

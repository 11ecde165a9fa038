"""Coupons, messages, and what a scan writes name rows without a foreign key, which would look them up each time.

That is right only as long as no statement of ours can take such a row away (docs/decisions/0074, 0118).
"""

import re

from devtools.bootstrap import ROOT
from devtools.own_files import find_files

NEVER_DELETED = ("programs", "stores", "tills", "members", "point_accounts", "campaigns", "campaign_versions")
_TAKES_AWAY = re.compile(rf"\b(?:DELETE\s+FROM|TRUNCATE)\s+(?:{'|'.join(NEVER_DELETED)})\b", re.IGNORECASE)


def test_no_statement_deletes_what_rows_refer_to_without_a_foreign_key() -> None:
    ours = [
        path for end in (".sql", ".py") for path in find_files(end) if path.parent != ROOT / "migrations" / "versions"
    ]
    assert [path for path in ours if _TAKES_AWAY.search(path.read_text(encoding="utf-8"))] == []

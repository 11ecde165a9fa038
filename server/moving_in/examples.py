"""Example answers of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import STAFF_ID, Example, make_page

_RUN_ID = "019aa9c0-7f31-7d20-9a41-6c2b8e0d5f17"
_IMPORT = {
    "id": _RUN_ID,
    "state": "running",
    "is_dry_run": False,
    "name": "kaiin.csv",
    "byte_count": 152_000_000,
    "started_by": f"staff:{STAFF_ID}",
    "reading": {
        "kind": "csv",
        "encoding": "Shift_JIS",
        "delimiter": ",",
        "columns": {"会員番号": "number", "氏名": "name", "電話番号": "phone", "ポイント残高": "points"},
        "left_out": ["備考"],
    },
    "rows_total": 1_000_000,
    "rows_read": 412_000,
    "created": 411_950,
    "updated": 0,
    "unchanged": 0,
    "refused": 50,
    "remarks": 20_310,
    "refusal": None,
    "created_at": "2026-11-27T23:00:00Z",
    "ended_at": None,
}
_FAULT = {
    "line": 17,
    "is_refused": False,
    "reason": "電話番号 (phone): it is a landline, to which no code can be sent; it is left out.",
}
EXAMPLES: Mapping[str, Example] = {
    "importMembers": Example(
        answer=_IMPORT | {"state": "waiting", "reading": None, "rows_total": None, "rows_read": 0}
    ),
    "listMemberImports": Example(answer=make_page(_IMPORT)),
    "readMemberImport": Example(answer=_IMPORT | {"faults": [_FAULT]}),
    "stopMemberImport": Example(answer=_IMPORT | {"state": "stopped", "ended_at": "2026-11-27T23:01:00Z"}),
}

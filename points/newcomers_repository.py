"""The accounts of many members who are new, at once: by COPY, since nobody else can have opened or posted on one."""

from collections.abc import Mapping

import msgspec

from ids import MemberId, ProgramId
from kit.copying import copy_rows
from kit.database import Connection
from points.ledger import Account

_POSTING_COLUMNS = (
    *("member_id", "id", "program_id", "kind", "points", "owed_change", "balance_after", "lots", "cause"),
    *("source_key", "at"),
)


async def add_accounts(conn: Connection, program_id: ProgramId, accounts: Mapping[MemberId, Account]) -> None:
    """That began empty, with what was posted on them: no reversals, and nothing that a store or a person did."""
    await copy_rows(
        conn,
        "point_accounts",
        ("member_id", "program_id", "balance", "owed", "next_expiry_at"),
        [(member, program_id, each.balance, each.owed, each.next_expiry_at) for member, each in accounts.items()],
    )
    await copy_rows(
        conn,
        "point_lots",
        ("member_id", "expires_at", "remaining"),
        [(member, at, left) for member, each in accounts.items() for at, left in each.lots.items() if left],
    )
    await copy_rows(
        conn,
        "point_postings",
        _POSTING_COLUMNS,
        [
            (
                member,
                posting.id,
                program_id,
                posting.kind,
                posting.points,
                posting.owed_change,
                posting.balance_after,
                msgspec.json.encode(posting.lots).decode(),
                posting.memo.cause,
                posting.memo.source_key,
                posting.memo.at,
            )
            for member, each in accounts.items()
            for posting in each.postings
        ],
    )

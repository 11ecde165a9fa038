"""Settings of a program's e-mail, and the token bucket that keeps its speed over all processes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from programs.mail_pace import interval_of, take_from_bucket
from programs.mail_settings import MailSettings

QUERIES = load_queries(__file__, "mail_settings.sql")


async def find_mail_settings(conn: Connection, program_id: ProgramId) -> MailSettings | None:
    """None: the program has told nothing yet, and sends no e-mail of campaigns."""
    row = await conn.fetchrow(QUERIES.find_mail_settings, program_id)
    return MailSettings(**row) if row else None


async def set_mail_settings(conn: Connection, program_id: ProgramId, settings: MailSettings, now: datetime) -> None:
    await conn.execute(
        *QUERIES.upsert_mail_settings(program_id=program_id, now=now, **msgspec.structs.asdict(settings))
    )


async def list_double_opt_in(conn: Connection, program_ids: Iterable[ProgramId]) -> set[ProgramId]:
    """Those of them that ask for it."""
    return {row["program_id"] for row in await conn.fetch(QUERIES.list_double_opt_in, sorted(program_ids))}


async def take_mail_place(conn: Connection, program_id: ProgramId, now: datetime) -> float:
    """A place for one e-mail: 0. Where there is none now, in how many seconds to ask again."""
    while True:
        row = await conn.fetchrow(QUERIES.find_mail_pace, program_id)
        if row is None or row["per_minute"] is None:
            return 0
        full_at = take_from_bucket(row["paced_until"], row["per_minute"], now)
        if full_at is None:
            wait: timedelta = max(row["paced_until"] - now, interval_of(row["per_minute"]))
            return wait.total_seconds()
        if await conn.fetchval(QUERIES.take_mail_place, program_id, row["paced_until"], full_at) is not None:
            return 0

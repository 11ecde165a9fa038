"""Members as a table (CSV) that spreadsheets open: written to a temporary file and never held whole, and audited."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO

from litestar.response import Stream

from kit.clock import utc_now
from kit.database import Connection, in_read_only_transaction, in_transaction
from programs.audit_repository import record_audit
from programs.staff_repository import Session
from server.web.auth import Call, name_of
from server.web.services import Services
from server.web.temporary_files import read_in_chunks
from server.web.writes import act_of


async def answer_with_members(
    request: Call,
    services: Services,
    staff: Session,
    target: str,
    write_table: Callable[[Connection, IO[bytes]], Awaitable[None]],
) -> Stream:
    """`write_table` may be run again. `target`: of the entry in the audit trail, which is there before the file is."""
    file = await asyncio.to_thread(tempfile.TemporaryFile)

    async def work(conn: Connection) -> None:
        file.seek(0)
        file.truncate()
        await write_table(conn, file)

    async def note(conn: Connection) -> None:
        action, now = act_of(request), utc_now()
        await record_audit(conn, staff.program_id, actor=name_of(staff), action=action, target=target, now=now)

    try:
        async with services.export_slots:
            await in_read_only_transaction(services.pool, work)
        await in_transaction(services.pool, note)
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": 'attachment; filename="members.csv"', "Cache-Control": "no-store"}
    return Stream(read_in_chunks(file), media_type="text/csv; charset=utf-8", headers=headers)

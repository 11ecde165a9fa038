"""The answer of an export: a ZIP in a temporary file, which is deleted with it."""

import asyncio
import tempfile
import time

from litestar.response import Stream

from ids import MemberId
from kit.database import in_read_only_transaction
from server.privacy.export import export
from server.problems import Problem
from server.web.services import Services
from server.web.temporary_files import read_in_chunks


async def stream_export(services: Services, member_id: MemberId) -> Stream:
    """In a temporary file, which is deleted with the answer. Raises Problem."""
    wait_s = services.export_throttle.wait_s(str(member_id), time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Use the copy that you have.", retry_after_s=int(wait_s) + 1)
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        async with services.export_slots:
            await in_read_only_transaction(services.pool, lambda conn: export(conn, services.keyring, member_id, file))
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise
    disposition = {"Content-Disposition": 'attachment; filename="noren-data.zip"', "Cache-Control": "no-store"}
    return Stream(read_in_chunks(file), media_type="application/zip", headers=disposition)

"""A member with a long history: their export fills no memory and delays no other request."""

import asyncio
import json
import tempfile
import tracemalloc
import zipfile

from kit.database import PAGE_ROWS, in_read_only_transaction
from server.privacy.export import export
from tests.support.lives import KEYRING
from tests.support.stage import set_stage
from tests.support.world import Chain, Member

ROWS = 20_000
# Held whole, the rows take some 30 MB.
MOST_BYTES = 12_000_000
# A page takes 10 ms, on a machine that others use as well some more.


async def live_long(chain: Chain) -> Member:
    stage = await set_stage(chain)
    await chain.world.pool.execute(
        "INSERT INTO transitions (member_id, id, program_id, device_id, store_id, geofence_id, kind, cause, event_at,"
        " received_at) SELECT $1, gen_random_uuid(), $2, $3, $4, $5, 'enter', 'fix', now(), now()"
        " FROM generate_series(1, $6)",
        *(stage.member.id, chain.id, stage.member.device_id, stage.store_id, stage.geofence_id, ROWS),
    )
    return stage.member


async def test_a_long_history_is_exported_a_page_at_a_time(chain: Chain) -> None:
    member = await live_long(chain)
    turns = 0

    async def watch() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    with tempfile.TemporaryFile() as file:
        watching = asyncio.create_task(watch())
        await in_read_only_transaction(chain.world.pool, lambda conn: export(conn, KEYRING, member.id, file))
        watching.cancel()
        rows = json.loads(zipfile.ZipFile(file).read("transitions.json"))
    assert len(rows) == ROWS + 1
    assert turns > ROWS / PAGE_ROWS, "others had their turn between the pages"


async def test_a_long_history_is_never_in_memory_as_a_whole(chain: Chain) -> None:
    member = await live_long(chain)
    with tempfile.TemporaryFile() as file:
        tracemalloc.start()
        try:
            await in_read_only_transaction(chain.world.pool, lambda conn: export(conn, KEYRING, member.id, file))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < MOST_BYTES

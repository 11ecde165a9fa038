"""Old code on a newer schema: it runs where the schema still serves it, and steps aside where it does not."""

import asyncio
from pathlib import Path

from kit.database import open_pool
from migrations import head_revision
from tests.support.databases import SECRET_KEY
from tests.support.live import ended, start, wait_until_ready
from tests.support.waiting import until
from tests.support.world import World

NEXT = f"{int(head_revision()) + 1:04}"
EXPAND = (
    "ALTER TABLE stores ADD COLUMN of_the_next_version text;"
    f"UPDATE alembic_version SET version_num = '{NEXT}'; INSERT INTO served_revisions VALUES ('{NEXT}')"
)
CONTRACT = f"DELETE FROM served_revisions WHERE revision <> '{NEXT}'"


async def test_old_code_runs_on_an_expanded_schema_and_leaves_a_contracted_one(database: str, tmp_path: Path) -> None:
    before = start(database, SECRET_KEY, tmp_path / "before")
    with ended(before):
        await wait_until_ready(before)
        pool = await open_pool(database, max_size=2)
        async with before.client() as http:
            chain = await World(http, pool).add_chain()
            await chain.add_store()
            await pool.execute(EXPAND)
            await chain.add_store()  # a plan that was made before is made anew, unseen
            assert (await http.get("/health/ready")).status_code == 200

            after = start(database, SECRET_KEY, tmp_path / "after", only="all")
            with ended(after):
                await wait_until_ready(after)
                async with after.client() as other:
                    headers = {"Authorization": f"Bearer {chain.owner.token}"}
                    assert len((await other.get("/v1/stores", headers=headers)).json()["items"]) == 2

                await pool.execute(CONTRACT)

                async def is_unready() -> bool:
                    answer = await http.get("/health/ready")
                    return answer.status_code == 503 and "too old for it" in answer.text

                await until(is_unready)
        await pool.close()
    late = start(database, SECRET_KEY, tmp_path / "late")
    with ended(late):
        assert await asyncio.to_thread(late.process.wait) == 1
    assert "start a newer version" in late.log.read_text()

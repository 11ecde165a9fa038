"""The database refuses, in every way that it has: each request is told so with a 503, and served when it is back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

from kit.database import Connection, open_pool
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.live import ended, start, wait_until_ready
from tests.support.scenes import moved
from tests.support.stage import Stage, set_stage
from tests.support.waiting import until
from tests.support.world import DOOR, World, fix, member_body, store_body

EACH = 5
UNAVAILABLE = '"database unavailable"'
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE $1 || '%'"
    " AND backend_type = 'client backend'"
)


@dataclass(frozen=True)
class Refusal:
    """`refuse` and `restore` are statements, with the names of the database and of the server's role."""

    refuse: str
    restore: str
    says: str = ""
    reads_fail: bool = True


REFUSALS = {
    "takes no connections": Refusal(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false", "ALTER DATABASE {name} ALLOW_CONNECTIONS true",
        says="not currently accepting connections",
    ),
    "the role may not log in": Refusal("ALTER ROLE {role} NOLOGIN", "ALTER ROLE {role} LOGIN", says="not permitted"),
    "the role has no connection left": Refusal(
        "ALTER ROLE {role} CONNECTION LIMIT 0", "ALTER ROLE {role} CONNECTION LIMIT -1", says="too many connections"
    ),
    "there is no such database": Refusal(
        "ALTER DATABASE {name} RENAME TO {name}_away", "ALTER DATABASE {name}_away RENAME TO {name}",
        says="does not exist",
    ),
    "takes no writes": Refusal(
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "ALTER DATABASE {name} RESET default_transaction_read_only",
        says="takes no writes", reads_fail=False,
    ),
}  # fmt: skip


@asynccontextmanager
async def restricted_role(dsn: str) -> AsyncIterator[tuple[Connection, str, str]]:
    """A connection beside the database, the database's name and a role that owns what is in it but rules nothing."""
    url = urlsplit(dsn)
    name = url.path.lstrip("/")
    role = f"{name}_app"
    admin = await asyncpg.connect(url._replace(path="/postgres").geturl())
    await admin.execute(f"CREATE ROLE {role} LOGIN IN ROLE noren")
    try:
        yield admin, name, role
    finally:
        inside = await asyncpg.connect(dsn)
        await inside.execute(f"REASSIGN OWNED BY {role} TO noren; DROP OWNED BY {role}; DROP ROLE {role}")
        await inside.close()
        await admin.close()


async def cut_off(admin: Connection, name: str, refuse: str) -> None:
    """Refuse, and end the sessions that there are; a rename is not taken while there is one."""

    async def is_done() -> bool:
        await admin.execute(END_SESSIONS, name)
        try:
            await admin.execute(refuse)
        except asyncpg.ObjectInUseError:
            return False
        return True

    await until(is_done)
    await admin.execute(END_SESSIONS, name)


def writes_of(stage: Stage) -> list[Callable[[], Awaitable[httpx.Response]]]:
    """Of each kind: guarded, batched, keyed, anonymous, and the hot path."""
    return [
        lambda: stage.chain.owner.post("/v1/stores", store_body()),
        lambda: stage.member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=0)]}),
        lambda: stage.till.at.post("/v1/redemptions", {"coupon_code": "A" * 26, "store_id": str(stage.till.store_id)}),
        lambda: stage.chain.world.anyone.post("/v1/members", member_body(stage.chain.code)),
    ]


async def expect_only_503(stage: Stage, refusal: Refusal) -> None:
    reads = [lambda: stage.chain.owner.get("/v1/stores"), lambda: stage.member.app.get("/v1/me")]
    asked = [*writes_of(stage), *(reads if refusal.reads_fail else ())]
    answers = await asyncio.gather(*(ask() for ask in asked for _ in range(EACH)))
    for answer in answers:
        assert answer.status_code == 503 or not (refusal.reads_fail or answer.is_server_error), answer.text
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) >= 3 * EACH
    assert all(answer.headers["Retry-After"] for answer in refused)


async def test_a_database_that_refuses_is_503_and_then_served_again(database: str, tmp_path: Path) -> None:
    async with restricted_role(database) as (admin, name, role):
        live = start(database.replace("noren@", f"{role}@", 1), SECRET_KEY, tmp_path / "log")
        with ended(live):
            await wait_until_ready(live)
            pool = await open_pool(database)
            async with live.client() as http:
                stage = await set_stage(await World(http, pool).add_chain())
            pool.terminate()
            for told, refusal in REFUSALS.items():
                before = live.log.read_text().count(UNAVAILABLE)
                async with live.client() as http:  # the last one's connections may be at their end
                    ours = moved(stage, World(http, pool))
                    await refuse_and_restore(ours, http, refusal, admin, {"name": name, "role": role})
                assert live.log.read_text().count(UNAVAILABLE) - before < EACH, f"one line a cause: {told}"
            assert live.stop() == 0
    assert '"level": "error"' not in live.log.read_text(), live.log.read_text()


async def refuse_and_restore(
    stage: Stage, http: httpx.AsyncClient, refusal: Refusal, admin: Connection, names: dict[str, str]
) -> None:
    await cut_off(admin, names["name"], refusal.refuse.format_map(names))
    try:
        await expect_only_503(stage, refusal)
        problem = expect_problem(await http.get("/health/ready"), 503, "not-ready")
        assert refusal.says in problem["detail"]
        assert "database" in {each["part"] for each in problem["failing"]}
        assert (await http.get("/health/live")).status_code == 200
    finally:
        await admin.execute(refusal.restore.format_map(names))
    await until_served(stage, http)


async def until_served(stage: Stage, http: httpx.AsyncClient) -> None:
    async def are_all_served() -> bool:
        answers = [await ask() for ask in writes_of(stage)]
        return all(answer.status_code < 500 for answer in answers)

    await until(are_all_served)
    assert (await http.get("/health/ready")).status_code == 200

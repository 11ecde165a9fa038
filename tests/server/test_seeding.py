"""`./run admin seed`: as much as was asked for, such as the server itself would have written it, once."""

import asyncio
import base64
import io
import stat
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from ids import ProgramId
from kit.database import Pool, open_pool
from kit.sealing import Keyring
from points.postings_repository import find_mismatches
from server import admin
from server.runtime.progress import Progress, describe
from server.seeding import scale as seeding_scale
from server.seeding.run import CannotSeed, Seeding
from server.seeding.scale import Scale, allot_visits, draw_habits, draw_ids, random_of
from server.web.tokens import DeviceToken, TillKey, write_token
from tests.support.databases import SECRET_KEY
from tests.support.world import open_world

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 21, tzinfo=UTC).date()
SMALL = Scale(members=150, visits=1500, stores=7, seed=1)
PROGRAM_ID = ProgramId(UUID("019aa8f0-5d3a-7cc2-9f57-0d3b54f5a3c1"))

# Every foreign key of the database: its table and columns, and what they refer to.
FOREIGN_KEYS = """
SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
       substring(pg_get_constraintdef(oid) FROM 'FOREIGN KEY [(](.*?)[)]') AS columns,
       substring(pg_get_constraintdef(oid) FROM 'REFERENCES \\w+[(](.*?)[)]') AS keys
FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


@pytest_asyncio.fixture
async def seeding_pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database, max_size=2)
    yield opened
    opened.terminate()


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding_scale, "_CHUNK_MEMBERS", 20)


def seeding(pool: Pool, scale: Scale, kept: list[object] | None = None) -> Seeding:
    keep = (lambda _: None) if kept is None else kept.extend
    return Seeding(pool, Keyring(SECRET_KEY), scale, tell=lambda _: None, keep=keep)


async def count(pool: Pool, table: str) -> int:
    rows: int = await pool.fetchval(f"SELECT count(*) FROM {table}")
    return rows


@pytest.mark.usefixtures("_small_chunks")
async def test_as_much_is_there_as_was_asked_for_and_every_constraint_holds(seeding_pool: Pool) -> None:
    await seeding(seeding_pool, SMALL).run("seeded", NOW)
    for table in ("members", "cards", "devices", "presences"):
        assert await count(seeding_pool, table) == SMALL.members
    assert await count(seeding_pool, "visits") == await count(seeding_pool, "visit_evidence") == SMALL.visits
    for table in ("point_postings", "point_lots", "coupons", "redemptions", "consents", "handles"):
        assert await count(seeding_pool, table) > 0
    for key in await seeding_pool.fetch(FOREIGN_KEYS):
        orphans = await seeding_pool.fetchval(
            f"SELECT count(*) FROM {key['child']} c WHERE num_nulls({key['columns']}) = 0"
            f" AND ({key['columns']}) NOT IN (SELECT {key['keys']} FROM {key['parent']})"
        )
        assert orphans == 0, key
    async with seeding_pool.acquire() as conn:
        assert await find_mismatches(conn) == []


async def test_people_come_on_different_days_up_to_yesterday_some_often_most_seldom(seeding_pool: Pool) -> None:
    await seeding(seeding_pool, SMALL).run("seeded", NOW)
    rows = await seeding_pool.fetch("""
        SELECT count(*) AS visits, count(DISTINCT business_day) AS days, max(business_day) AS last_day,
               min(first_at) > min(m.created_at) AS is_after_joining
        FROM members m JOIN visits v USING (member_id) GROUP BY m.member_id ORDER BY count(*) DESC
    """)
    counts = [row["visits"] for row in rows]
    assert counts == [row["days"] for row in rows]
    assert max(row["last_day"] for row in rows) <= YESTERDAY
    assert all(row["is_after_joining"] for row in rows)
    assert sum(counts[: SMALL.members // 5]) > SMALL.visits / 2
    first_days = await seeding_pool.fetchval("""
        SELECT count(*) FROM visits v JOIN stores s ON s.id = v.store_id
        WHERE v.business_day <> ((v.first_at AT TIME ZONE s.time_zone) - interval '1 hour' * s.day_start_hour)::date
    """)
    assert first_days == 0


async def test_the_server_knows_whom_was_seeded(database: str, seeding_pool: Pool) -> None:
    kept: list[object] = []
    await seeding(seeding_pool, SMALL, kept).run("seeded", NOW)
    async with open_world(database) as world:
        tills = [token for token in kept if isinstance(token, TillKey)]
        devices = [token for token in kept if isinstance(token, DeviceToken)]
        assert (len(tills), len(devices)) == (SMALL.stores, SMALL.members)
        homes = [(await world.caller(write_token(token)).get("/v1/me/summary")).json() for token in devices[:20]]
        assert sum(home["visits"]["visit_count"] for home in homes) > 0
        assert any(home["points"]["balance"] for home in homes)
        scanned = await world.caller(write_token(tills[0])).post("/v1/scans", {"card": homes[0]["card_number"]})
        assert (scanned.status_code, scanned.json()["is_first_today"]) == (201, True)
        assert scanned.json()["points_balance"] == homes[0]["points"]["balance"] + 10


@pytest.mark.usefixtures("_small_chunks")
async def test_what_was_broken_off_goes_on_and_nothing_comes_twice(seeding_pool: Pool) -> None:
    class Killed(Exception):
        pass

    kept: list[object] = []

    def keep(tokens: Sequence[object]) -> None:
        kept.extend(tokens)
        if len(kept) > SMALL.stores + 60:
            raise Killed

    broken = Seeding(seeding_pool, Keyring(SECRET_KEY), SMALL, tell=lambda _: None, keep=keep)
    with pytest.raises(Killed):
        await broken.run("seeded", NOW)
    assert 0 < await count(seeding_pool, "members") < SMALL.members
    told: list[int] = []
    again = Seeding(seeding_pool, Keyring(SECRET_KEY), SMALL, tell=told.append, keep=kept.extend)
    await again.run("seeded", NOW + timedelta(days=3))
    assert (await count(seeding_pool, "members"), told[-1]) == (SMALL.members, SMALL.members)
    assert await count(seeding_pool, "visits") == SMALL.visits
    with pytest.raises(CannotSeed, match="already"):
        await again.run("seeded", NOW)


async def test_a_program_with_other_members_is_left_alone(seeding_pool: Pool) -> None:
    await seeding(seeding_pool, SMALL).run("seeded", NOW)
    with pytest.raises(CannotSeed, match="other members"):
        await seeding(seeding_pool, Scale(SMALL.members, SMALL.visits, SMALL.stores, seed=2)).run("seeded", NOW)
    assert await count(seeding_pool, "members") == SMALL.members
    await seeding(seeding_pool, SMALL).run("another", NOW)
    assert await count(seeding_pool, "members") == 2 * SMALL.members


async def test_the_verb_tells_how_far_it_is_and_keeps_tokens_to_itself(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tokens"
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("NOREN_SECRET_KEY", base64.b64encode(SECRET_KEY).decode())
    arguments = ["admin", "seed", "--members", "40", "--visits", "200", "--stores", "3", "--tokens", str(file)]
    monkeypatch.setattr("sys.argv", arguments)
    assert await asyncio.to_thread(admin.main) == 0
    said = capsys.readouterr()
    assert said.out == "program seeded: 40 members and 200 visits are there\n"
    assert said.err.startswith("noren: 40 of 40 members, 0:")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kinds = [line[:5] for line in file.read_text(encoding="ascii").splitlines()]
    assert (kinds.count("nrnt_"), kinds.count("nrnd_")) == (3, 40)
    monkeypatch.setattr("sys.argv", ["admin", "seed", "--members", "2", "--visits", "300"])
    assert await asyncio.to_thread(admin.main) == 1
    assert "100 visits a member are the most" in capsys.readouterr().err


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(0.01, 100)), min_size=1, max_size=50),
    st.floats(0, 1),
    st.integers(0, 2**32),
)
def test_visits_are_shared_out_whole_and_nobody_gets_more_than_they_can(
    people: list[tuple[int, float]], share: float, seed: int
) -> None:
    most, weights = np.array([person[0] for person in people]), np.array([person[1] for person in people])
    total = int(share * most.sum())
    counts = allot_visits(total, weights, most, np.random.default_rng(seed))
    assert counts.sum() == total
    assert (counts <= most).all()


def test_more_visits_than_days_are_refused() -> None:
    with pytest.raises(ValueError, match="more visits than days"):
        allot_visits(4, np.ones(3), np.ones(3, np.int64), np.random.default_rng(1))


@given(st.integers(1, 10**6), st.integers(1, 10**7))
def test_chunks_make_up_the_whole(members: int, visits: int) -> None:
    scale = Scale(members, min(visits, members * 20), 3, 1)
    ranges = [scale.members_of(chunk) for chunk in range(scale.chunk_count)]
    assert [each.start for each in ranges] + [members] == [0] + [each.stop for each in ranges]
    first, last = scale.visits_of(0), scale.visits_of(scale.chunk_count - 1)
    assert first >= 0 <= last


def test_a_chunk_is_drawn_alike_again_and_its_ids_tell_the_time() -> None:
    habits, again = (draw_habits(SMALL, 0, NOW, random_of(SMALL, PROGRAM_ID, 0)) for _ in range(2))
    assert (habits.visit_counts == again.visit_counts).all()
    ids = draw_ids(habits.joined_ms, random_of(SMALL, PROGRAM_ID, 0))
    assert ids == draw_ids(habits.joined_ms, random_of(SMALL, PROGRAM_ID, 0))
    assert ids != draw_ids(habits.joined_ms, random_of(Scale(150, 1500, 7, seed=2), PROGRAM_ID, 0))
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert [each.int >> 80 for each in ids] == habits.joined_ms.tolist()


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        progress = Progress("members", 200, stream)
        for done in range(1, 201):
            progress.tell(done)
    assert terminal.getvalue().count("\r[") == 200
    assert terminal.getvalue().endswith("members, 0:00 in all\x1b[K\n")
    assert len(file.getvalue().splitlines()) == 10
    assert describe("members", 50, 200, 30.0) == "50 of 200 members, 1:30 left"

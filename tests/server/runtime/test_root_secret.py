"""The root secret: made once, opened by its keys only, sealed under the next key before the old one goes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from kit.database import Pool, in_transaction, open_pool
from kit.sealing import Keyring
from server.runtime.root_secret import (
    WrongSecretKey,
    add_secret_key,
    drop_other_secret_keys,
    list_secret_keys,
    make_key_id,
    open_keyring,
)
from tests.support.live import ended, start

NOW = datetime(2026, 11, 27, tzinfo=UTC)
TODAY, NEXT, STRANGER = b"t" * 32, b"n" * 32, b"s" * 32


@pytest_asyncio.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """Of a database on which no server was started yet."""
    pool = await open_pool(database, max_size=8)
    await pool.execute("DELETE FROM root_secrets")
    yield pool
    await pool.close()


def fingerprint(keyring: Keyring) -> bytes:
    return keyring.mac("test", b"")


async def test_the_first_start_makes_the_root_and_every_other_finds_it(pool: Pool) -> None:
    opened = await asyncio.gather(*(open_keyring(pool, TODAY, NOW) for _ in range(8)))
    assert len({fingerprint(keyring) for keyring in opened}) == 1
    assert fingerprint(opened[0]) not in {fingerprint(Keyring(TODAY)), fingerprint(Keyring(bytes(32)))}
    assert await pool.fetchval("SELECT count(*) FROM root_secrets") == 1


async def test_of_two_first_starts_with_two_keys_one_is_refused(pool: Pool) -> None:
    keys = [TODAY, STRANGER] * 4
    opened = await asyncio.gather(*(open_keyring(pool, key, NOW) for key in keys), return_exceptions=True)
    refused = {key for key, result in zip(keys, opened, strict=True) if isinstance(result, WrongSecretKey)}
    assert len(refused) == 1
    assert sum(isinstance(result, Keyring) for result in opened) == 4


async def test_another_key_is_refused_by_its_id_and_changes_nothing(pool: Pool) -> None:
    await open_keyring(pool, TODAY, NOW)
    with pytest.raises(WrongSecretKey) as refused:
        await open_keyring(pool, STRANGER, NOW)
    assert make_key_id(TODAY).hex() in str(refused.value)
    assert make_key_id(STRANGER).hex() in str(refused.value)
    async with pool.acquire() as conn:
        assert await list_secret_keys(conn) == [make_key_id(TODAY).hex()]


async def test_a_key_is_changed_without_a_moment_in_which_nothing_starts(pool: Pool) -> None:
    before = fingerprint(await open_keyring(pool, TODAY, NOW))
    for _ in range(2):
        await in_transaction(pool, lambda conn: add_secret_key(conn, TODAY, NEXT, NOW))
    assert {fingerprint(await open_keyring(pool, key, NOW)) for key in (TODAY, NEXT)} == {before}
    retired = await in_transaction(pool, lambda conn: drop_other_secret_keys(conn, NEXT))
    assert retired == [make_key_id(TODAY).hex()]
    assert fingerprint(await open_keyring(pool, NEXT, NOW)) == before
    with pytest.raises(WrongSecretKey):
        await open_keyring(pool, TODAY, NOW)


async def test_who_does_not_have_the_key_neither_adds_nor_retires_one(pool: Pool) -> None:
    await open_keyring(pool, TODAY, NOW)
    with pytest.raises(WrongSecretKey):
        await in_transaction(pool, lambda conn: add_secret_key(conn, STRANGER, NEXT, NOW))
    with pytest.raises(WrongSecretKey):
        await in_transaction(pool, lambda conn: drop_other_secret_keys(conn, STRANGER))
    assert isinstance(await open_keyring(pool, TODAY, NOW), Keyring)


async def test_a_changed_row_is_not_opened(pool: Pool) -> None:
    await open_keyring(pool, TODAY, NOW)
    await pool.execute("UPDATE root_secrets SET sealed_root = sealed_root || '\\x00'")
    with pytest.raises(WrongSecretKey, match="restore that table"):
        await open_keyring(pool, TODAY, NOW)


@pytest.mark.parametrize("only", ["api", "worker"])
async def test_a_server_with_another_key_does_not_start(database: str, pool: Pool, tmp_path: Path, only: str) -> None:
    await open_keyring(pool, TODAY, NOW)
    live = start(database, STRANGER, tmp_path / "log", only=only)
    with ended(live):
        assert await asyncio.to_thread(live.process.wait) == 1
    told = [line for line in live.log.read_text().splitlines() if line.startswith("noren: ")]
    assert len(told) == 1
    assert "NOREN_SECRET_KEY is not the key of this database" in told[0]
    assert "Traceback" not in live.log.read_text()

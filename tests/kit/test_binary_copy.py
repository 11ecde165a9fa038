"""Rows that PostgreSQL copies out are read back as they were."""

from dataclasses import replace
from uuid import UUID

import asyncpg
import numpy as np
import pytest

from kit import copied_pages
from kit.binary_copy import Page
from kit.copied_pages import copy_page, copy_pages

# $1 is the mark.
QUERY = """
SELECT $1::bigint, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, n / 4.0::float8, n::int2,
       (n * 70000)::int4, n % 2 = 0, repeat('店', n % 5), CASE WHEN n % 3 = 0 THEN '' ELSE int4send(n) END
FROM generate_series(1, $2) AS n ORDER BY n;
"""
PAGES = """
SELECT $1::bigint, id, text FROM copied WHERE id > $2 ORDER BY id LIMIT $3;
"""
KINDS = ("uuid", "float8", "int2", "int4", "bool")
_MARK = b"\x00\x00\x00\x08\x00\x00\x00\x07"


@pytest.fixture(name="copied")
async def _copied(database: str) -> Page:
    connection = await asyncpg.connect(database)
    try:
        return await copy_page(connection, QUERY, 3)
    finally:
        await connection.close()


@pytest.mark.parametrize("count", [0, 1, 3_000])
async def test_all_kinds_of_columns(database: str, count: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        page = await copy_page(connection, QUERY, count)
    finally:
        await connection.close()
    columns, (texts, octets) = page.read(KINDS, 2)
    numbers = np.arange(1, count + 1)
    ids, shares, shorts, longs, flags = columns
    assert [each.tobytes().hex() for each in ids] == [f"{n:032d}" for n in numbers]
    assert page.find_last_id() == (UUID(f"{count:032d}") if count else None)
    assert np.array_equal(shares, numbers / 4)
    assert np.array_equal(shorts, numbers)
    assert np.array_equal(longs, numbers * 70_000)
    assert np.array_equal(flags, numbers % 2 == 0)
    read = texts.texts()
    assert [read[n] for n in range(count)] == ["店" * (n % 5) for n in numbers.tolist()]
    assert octets.pieces() == [b"" if n % 3 == 0 else n.to_bytes(4) for n in numbers.tolist()]


async def test_what_does_not_fit_is_refused(copied: Page) -> None:
    """Broken off; with the mark in a row, whose octets somebody would have to know; with other columns."""
    last = len(copied.sent) - 2
    imitated = replace(copied, sent=copied.sent[:last] + copied.mark + copied.sent[last:])
    with pytest.raises(ValueError, match="no whole"):
        replace(copied, sent=copied.sent[:last] + bytes(2)).read(KINDS, 2)
    with pytest.raises(ValueError, match="do not follow"):
        imitated.read(KINDS, 2)
    with pytest.raises(ValueError, match="do not follow"):
        copied.read(KINDS[:-1], 2)


def test_what_is_no_copy_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole"):
        Page(b"id,name\n", _MARK).read(("uuid",), 1)


async def test_pages_follow_one_another_until_one_cannot_be_read(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied_pages, "PAGE_ROWS", 3)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("CREATE TEMP TABLE copied (id uuid, text text)")
        for count in range(8):
            parts = await copy_pages(connection, PAGES, lambda page: page.read(("uuid",), 1)[1][0].pieces())
            assert [text for part in parts for text in part] == [str(n).encode() for n in range(count)]
            await connection.execute("INSERT INTO copied VALUES ($1, $2)", UUID(int=(count + 1) ** 2), str(count))
        with pytest.raises(ValueError, match="do not follow"):
            await copy_pages(connection, PAGES, lambda page: page.read(("uuid",), 2))
    finally:
        await connection.close()

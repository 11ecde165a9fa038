"""Rows that PostgreSQL copies out are read back as they were."""

import asyncpg
import numpy as np
import pytest

from kit.binary_copy import read_rows
from kit.database import copy_rows

QUERY = """
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, n / 4.0::float8, n::int2,
       (n * 70000)::int4, n % 2 = 0, repeat('店', n % 5), CASE WHEN n % 3 = 0 THEN '' ELSE int4send(n) END
FROM generate_series(1, $1) AS n ORDER BY n;
"""


@pytest.mark.parametrize("count", [0, 1, 3_000])
async def test_all_kinds_of_columns(database: str, count: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        sent = await copy_rows(connection, QUERY, count)
    finally:
        await connection.close()
    columns, (texts, octets) = read_rows(sent, ("uuid", "float8", "int2", "int4", "bool"), 2)
    numbers = np.arange(1, count + 1)
    ids, shares, shorts, longs, flags = columns
    assert [each.tobytes().hex() for each in ids] == [f"{n:032d}" for n in numbers]
    assert np.array_equal(shares, numbers / 4)
    assert np.array_equal(shorts, numbers)
    assert np.array_equal(longs, numbers * 70_000)
    assert np.array_equal(flags, numbers % 2 == 0)
    assert [texts[n] for n in range(count)] == ["店" * (n % 5) for n in numbers.tolist()]
    assert octets.octets() == [b"" if n % 3 == 0 else n.to_bytes(4) for n in numbers.tolist()]


async def test_a_copy_that_breaks_off_is_refused(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        sent = await copy_rows(connection, QUERY, 3)
    finally:
        await connection.close()
    with pytest.raises(ValueError, match="no end"):
        read_rows(sent[:-2] + bytes(2), ("uuid", "float8", "int2", "int4", "bool"), 2)


def test_what_is_no_copy_is_refused() -> None:
    with pytest.raises(ValueError, match="no binary COPY"):
        read_rows(b"id,name\n", ("uuid",), 1)

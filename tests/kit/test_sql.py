from pathlib import Path

import pytest

from kit.sql import Queries, load_queries

TEXT = """
-- name: find_store
SELECT 1;

-- name: list_stores
-- Newest first.
SELECT id
FROM stores
ORDER BY id DESC;
"""


def test_queries_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "stores.sql"
    path.write_text(TEXT)
    queries = load_queries(str(tmp_path / "stores_repository.py"), "stores.sql")
    assert dict(queries) == {
        "find_store": "SELECT 1",
        "list_stores": "-- Newest first.\nSELECT id\nFROM stores\nORDER BY id DESC",
    }
    assert queries.find_store == queries["find_store"] == "SELECT 1"
    with pytest.raises(AttributeError, match=r"stores\.sql has no query named missing"):
        _ = queries.missing


def test_a_name_occurs_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.sql"
    path.write_text(TEXT + TEXT)
    with pytest.raises(ValueError, match="twice"):
        Queries(path)

from pathlib import Path

import pytest

from kit.database import Pool
from kit.sql import Queries, load_queries, whole_text

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


NAMED = """
-- name: move_visit
-- :this is no parameter, and neither is $9
UPDATE visits SET day = :day::date, note = 'at 10:30, it''s :day' || E'\\':day' || $note$:day$note$
WHERE id = :id AND kinds[1:2] = kinds[low:high] AND ":day" = :id /* :day */;
"""


def load(tmp_path: Path, text: str) -> Queries:
    path = tmp_path / "visits.sql"
    path.write_text(text)
    return Queries(path)


def test_names_become_numbers_where_they_are_parameters(tmp_path: Path) -> None:
    assert load(tmp_path, NAMED)["move_visit"] == (
        "-- :this is no parameter, and neither is $9\n"
        "UPDATE visits SET day = $1::date, note = 'at 10:30, it''s :day' || E'\\':day' || $note$:day$note$\n"
        'WHERE id = $2 AND kinds[1:2] = kinds[low:high] AND ":day" = $2 /* :day */'
    )


def test_a_query_is_called_with_all_its_names(tmp_path: Path) -> None:
    queries = load(tmp_path, NAMED)
    assert queries.move_visit(id=7, day=None) == (queries["move_visit"], None, 7)
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'day'"):
        queries.move_visit(id=7)
    with pytest.raises(TypeError, match="unexpected keyword argument 'hour'"):
        queries.move_visit(id=7, day=None, hour=1)
    with pytest.raises(TypeError):
        queries.move_visit(7, None)


def test_a_parameter_may_be_called_text(tmp_path: Path) -> None:
    path = tmp_path / "texts.sql"
    path.write_text("-- name: say\nSELECT :text;\n")
    assert Queries(path).say(text="hello") == ("SELECT $1", "hello")


def test_a_query_with_numbers_is_not_called(tmp_path: Path) -> None:
    queries = load(tmp_path, "-- name: find\nSELECT $1, $2")
    assert queries.find == "SELECT $1, $2"
    with pytest.raises(TypeError):
        queries.find(id=7)


@pytest.mark.parametrize("text", ["-- name: find\nSELECT :id, $1", "-- name: items\nSELECT 1"])
def test_a_query_that_would_mislead_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"a query with|cannot be the name"):
        load(tmp_path, text)


async def test_a_forgotten_call_is_refused(tmp_path: Path, pool: Pool) -> None:
    query = load(tmp_path, "-- name: add\nSELECT :left::int + :right::int").add
    assert await pool.fetchval(*query(left=1, right=2)) == 3
    with pytest.raises(TypeError):
        await pool.fetchval(query, 1, 2)


SPREAD = """
-- name: find_visits batch
SELECT v.id
FROM unnest(:days::date[], :member_ids::uuid[]) AS asked (day, member_id)
JOIN visits v USING (member_id) /* spread: WHERE v.member_id = ANY (:member_ids) */
LIMIT :most;
"""


def test_what_names_shards_is_told_to_a_spread_database_only(tmp_path: Path) -> None:
    plain = load(tmp_path, SPREAD)["find_visits"]
    assert "WHERE" not in plain
    assert "LIMIT $3" in plain
    assert whole_text(plain).replace("WHERE v.member_id = ANY ($2)", "") == plain
    assert whole_text("SELECT 1") == "SELECT 1"

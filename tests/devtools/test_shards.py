"""By which words of a statement it is known on which shards it runs."""

import pytest

from devtools.fan_outs import PAGE, put_in
from devtools.shards.reach import tell_reach
from devtools.shards.statements import Statement
from migrations.schema import metadata

COLUMNS = {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}

REACHES = [
    ("one", "SELECT FROM visits WHERE member_id = $1"),
    ("one", "SELECT FROM visits v JOIN cards USING (member_id) WHERE v.member_id = $1::uuid AND at > $2"),
    ("one", "SELECT FROM visits v, cards c WHERE (c.id, c.member_id) = ($2, v.member_id) AND v.member_id = $1"),
    ("one", "SELECT FROM cards c, LATERAL (SELECT FROM visits WHERE member_id = c.member_id) v WHERE member_id = $1"),
    ("one", "INSERT INTO cards (id, member_id, number) VALUES ($1, $2, $3)"),
    (
        "one",
        "WITH x AS (DELETE FROM cards WHERE member_id = $1 RETURNING member_id) INSERT INTO visits (member_id) TABLE x",
    ),
    ("one", "UPDATE members m SET locale = s.name FROM stores s WHERE s.id = m.enrolled_store_id AND m.member_id = $1"),
    ("one", "SELECT FROM (SELECT member_id FROM cards UNION SELECT member_id FROM visits) x WHERE member_id = $1"),
    (
        "batch",
        "SELECT FROM cards c WHERE member_id = ANY ($1) AND EXISTS (SELECT FROM stamps WHERE c.member_id = member_id)",
    ),
    ("one", "INSERT INTO cards (member_id, id) SELECT $1 AS x, n.x FROM unnest($2::uuid[]) AS n (x)"),
    ("batch", "SELECT FROM unnest($1::uuid[]) AS asked (member_id) JOIN cards c ON c.member_id = asked.member_id"),
    ("batch", "SELECT FROM coupons WHERE (member_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))"),
    ("batch", "INSERT INTO stamps (member_id, source_key) SELECT * FROM unnest($1::uuid[], $2::text[])"),
    (
        "batch",
        "UPDATE cards c SET at = n.at FROM unnest($1::uuid[], $2::date[]) AS n (id, at) WHERE c.member_id = n.id",
    ),
    ("batch", "INSERT INTO member_tags (member_id, tag) SELECT $2, tag FROM member_tags WHERE member_id = $1"),
    ("fan-out", "SELECT FROM members WHERE program_id = $1"),
    ("fan-out", "SELECT FROM members WHERE member_id = $1 OR merged_into = $1"),
    ("fan-out", "SELECT FROM members WHERE NOT (member_id = $1)"),
    ("fan-out", "SELECT FROM members WHERE member_id NOT IN (SELECT unnest($1::uuid[]))"),
    ("fan-out", "SELECT FROM members m JOIN cards c ON c.id = m.member_id WHERE m.member_id = $1"),
    ("fan-out", "SELECT FROM members WHERE member_id = $1 UNION ALL SELECT FROM members WHERE merged_into = $1"),
    ("fan-out", "SELECT FROM members a JOIN cards c ON c.member_id = coalesce(merged_into, $1) WHERE a.member_id = $1"),
    ("fan-out", "DELETE FROM code_uses WHERE at < $1"),
    ("reference", "SELECT FROM stores JOIN programs ON programs.id = stores.program_id"),
    ("reference", "SELECT member_id FROM handles WHERE value_hash = $1"),
    ("local", "SELECT FROM staff_sessions JOIN staff ON staff.id = staff_sessions.staff_id"),
    ("local", "SELECT clock_timestamp()"),
    ("local", "LOCK TABLE root_secrets IN SHARE MODE"),
]


@pytest.mark.parametrize(("reach", "text"), REACHES, ids=[text for _, text in REACHES])
def test_a_statement_runs_where_its_members_are(reach: str, text: str) -> None:
    assert tell_reach(Statement(text, COLUMNS)) == reach


def test_the_page_lists_what_asks_all_shards() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "| `hourly` |" in page
    assert put_in(page) == page, "run: ./run write fan-outs"

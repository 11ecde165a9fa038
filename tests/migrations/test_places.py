"""Where each table stands (migrations/schema/places.py) against what the engine asks of tables that stand there."""

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

from migrations.schema import metadata
from migrations.schema.places import BY_MEMBER, CROSSING, LOCAL, REFERENCE

TABLES = {table.name: table for table in metadata.sorted_tables}


def test_every_table_has_one_place() -> None:
    assert set(TABLES) == BY_MEMBER | REFERENCE | LOCAL
    assert len(BY_MEMBER) + len(REFERENCE) + len(LOCAL) == len(TABLES)


def test_what_is_unique_among_spread_rows_is_unique_on_its_shard() -> None:
    keys = [(name, columns) for name in BY_MEMBER for columns in _unique(TABLES[name])]
    assert len(keys) > len(BY_MEMBER)
    assert [(name, columns) for name, columns in keys if "member_id" not in columns] == []


def test_a_foreign_key_stays_where_its_row_is_or_is_told_as_crossing() -> None:
    keys = [key for table in TABLES.values() for key in table.foreign_key_constraints]
    assert len(keys) > 100
    assert {str(key.name) for key in keys if not _is_kept(key)} == CROSSING


def _unique(table: Table) -> Iterator[set[str]]:
    yield {column.name for column in table.primary_key}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            yield {column.name for column in index.columns}


def _is_kept(key: ForeignKeyConstraint) -> bool:
    origin, target = key.table.name, key.referred_table.name
    if target in REFERENCE:
        return True
    if target in LOCAL:
        return origin in LOCAL
    is_routed = ("member_id", "member_id") in {(item.parent.name, item.column.name) for item in key.elements}
    return origin in BY_MEMBER and is_routed

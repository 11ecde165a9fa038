"""Writes migrations/versions/0001_first_schema.py from migrations/schema.

For as long as nothing is released, a change of the schema is made in migrations/schema and then written here, by
`./run write schema`; a database of the time before is made anew. After the first release
this module goes, and a change is a new file in migrations/versions.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from geoalchemy2 import alembic_helpers
from sqlalchemy import Table

import migrations
from migrations.schema import metadata

FIRST_SCHEMA = Path(migrations.__file__).parent / "versions" / "0001_first_schema.py"

_FILE = '''"""The first schema; devtools/first_schema.py writes this file."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geography, Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    {upgrade}
    op.execute("INSERT INTO served_revisions (revision) VALUES ('0001')")


def downgrade() -> None:
    # PostGIS stays: it may have been there before us.
    {downgrade}
'''


def render_first_schema() -> str:
    """The source of the first migration: every table of migrations/schema, those first that others refer to."""
    tables = metadata.sorted_tables
    upgrade = _render([operation for table in tables for operation in _create(table)])
    downgrade = _render([ops.DropTableOp(table.name) for table in reversed(tables)])
    return _formatted(_FILE.format(upgrade=upgrade, downgrade=downgrade))


def _render(operations: Sequence[ops.MigrateOperation]) -> str:
    return render_python_code(
        ops.UpgradeOps(operations),
        render_item=alembic_helpers.render_item,
        migration_context=MigrationContext.configure(dialect_name="postgresql"),
    )


def _create(table: Table) -> list[ops.MigrateOperation]:
    operations: list[ops.MigrateOperation] = [ops.CreateTableOp.from_table(table)]
    if table.kwargs.get("postgresql_partition_by"):
        # What no partition by date takes lands here; those come and go (kit/partition_upkeep.py).
        operations.append(ops.ExecuteSQLOp(f"CREATE TABLE {table.name}_default PARTITION OF {table.name} DEFAULT"))
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    return operations + [ops.CreateIndexOp.from_index(index) for index in indexes]


def _formatted(source: str) -> str:
    name = f"--stdin-filename={FIRST_SCHEMA}"
    for arguments in (("check", "--fix-only", "--quiet"), ("format", "--quiet")):
        command = [sys.executable, "-m", "ruff", *arguments, name, "-"]
        source = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    return source


def main() -> int:
    FIRST_SCHEMA.write_text(render_first_schema(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

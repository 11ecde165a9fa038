"""Alembic's entry point: runs on the connection that `migrations.commands` opened."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy.sql.schema import SchemaItem

from migrations.schema import metadata


def _include_object(item: SchemaItem, name: str | None, kind: str, reflected: bool, other: SchemaItem | None) -> bool:
    # Partitions come and go by date (kit/partition_upkeep.py); only their parents are part of the schema.
    if kind == "table" and name is not None and name.startswith(("transitions_", "decisions_")):
        return False
    return bool(alembic_helpers.include_object(item, name, kind, reflected, other))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=_include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

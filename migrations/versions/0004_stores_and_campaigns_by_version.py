"""Stores and campaigns by version"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("stores", "campaigns"):
        # Version 0 is right for what is there: a process that starts reads everything, and later changes are newer.
        op.add_column(table, sa.Column("version", sa.BigInteger(), server_default="0", nullable=False))
        op.create_index(op.f(f"{table}_program_id_version_idx"), table, ["program_id", "version"], unique=False)


def downgrade() -> None:
    for table in ("campaigns", "stores"):
        op.drop_index(op.f(f"{table}_program_id_version_idx"), table_name=table)
        op.drop_column(table, "version")

"""Fences may tell of crossings, and campaigns may listen to them"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "geofences", sa.Column("tells_crossings", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    _allow("campaigns", "trigger", "'enter', 'exit', 'dwell', 'cross', 'visit'")
    _allow("transitions", "kind", "'enter', 'exit', 'dwell', 'cross'")


def downgrade() -> None:
    op.execute("DELETE FROM transitions WHERE kind = 'cross'")
    op.execute("UPDATE campaigns SET trigger = 'enter', state = 'draft' WHERE trigger = 'cross'")
    _allow("transitions", "kind", "'enter', 'exit', 'dwell'")
    _allow("campaigns", "trigger", "'enter', 'exit', 'dwell', 'visit'")
    op.drop_column("geofences", "tells_crossings")


def _allow(table: str, column: str, values: str) -> None:
    name = op.f(f"{table}_{column}_check")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"{column} IN ({values})")

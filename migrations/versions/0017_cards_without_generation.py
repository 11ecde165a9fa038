"""A card's generation has a default: nothing writes it any more"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("cards", "generation", server_default="1")


def downgrade() -> None:
    op.alter_column("cards", "generation", server_default=None)

"""A card's code as the proof of its member: which step was used up"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("card_keys", sa.Column("proved_step", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("card_keys", "proved_step")

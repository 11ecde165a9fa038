"""Nothing asks for a store's visits of a day: each new visit wrote the index in vain"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("visits_store_id_business_day_idx"), table_name="visits")


def downgrade() -> None:
    op.create_index(op.f("visits_store_id_business_day_idx"), "visits", ["store_id", "business_day"], unique=False)

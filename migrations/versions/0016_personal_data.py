"""The member's own data: erased members, serials without a member, codes and consents by purpose"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0012"
branch_labels = None
depends_on = None

_NOTHING_LEFT = (
    "state <> 'erased' OR (NOT location_consent AND NOT push_consent AND claimed_at IS NULL"
    " AND enrolled_store_id IS NULL)"
)
_CAUSES = "'visit', 'purchase', 'refund', 'till', 'void', 'expiry', 'staff', 'merge'"


def upgrade() -> None:
    _allow("members", "state", "'active', 'blocked', 'closed', 'merged', 'erased'")
    _check("members", "erased", _NOTHING_LEFT)
    _allow("point_postings", "cause", f"{_CAUSES}, 'erasure'")
    _allow("consents", "purpose", "'location', 'push', 'email', 'profiling'")
    op.add_column("claims", sa.Column("purpose", sa.Text(), server_default="contact", nullable=False))
    _check("claims", "purpose", "purpose IN ('contact', 'export', 'erasure')")
    _create_revoked_serials()
    _create_erasures()


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("revoked_serials")
    op.execute("DELETE FROM claims WHERE purpose <> 'contact'")
    op.drop_constraint(op.f("claims_purpose_check"), "claims", type_="check")
    op.drop_column("claims", "purpose")
    op.execute("DELETE FROM consents WHERE purpose IN ('email', 'profiling')")
    _allow("consents", "purpose", "'location', 'push'")
    op.execute("UPDATE point_postings SET cause = 'expiry' WHERE cause = 'erasure'")
    _allow("point_postings", "cause", _CAUSES)
    op.drop_constraint(op.f("members_erased_check"), "members", type_="check")
    op.execute("UPDATE members SET state = 'closed' WHERE state = 'erased'")
    _allow("members", "state", "'active', 'blocked', 'closed', 'merged'")


def _create_revoked_serials() -> None:
    op.create_table(
        "revoked_serials",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revocation_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(serial) = 16", name=op.f("revoked_serials_serial_check")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("revoked_serials_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", "serial", name=op.f("revoked_serials_pkey")),
    )
    op.create_index(op.f("revoked_serials_revoked_at_idx"), "revoked_serials", ["revoked_at"], unique=False)


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("erasures_member_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("erasures_pkey")),
    )
    op.create_index(op.f("erasures_due_at_idx"), "erasures", ["due_at"], unique=False)


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)


def _allow(table: str, column: str, values: str) -> None:
    op.drop_constraint(op.f(f"{table}_{column}_check"), table, type_="check")
    _check(table, column, f"{column} IN ({values})")

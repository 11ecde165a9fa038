"""What makes a visit, how far it is to be trusted, and scans that are undone"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TRUSTS = "BETWEEN 0 AND 5"
_TILL_KINDS = "'card_code', 'card_number', 'rotating_code', 'totp_code'"
_PHONE_KINDS = "'store_qr', 'rotating_store_qr', 'dwell'"
_CAUSES = "'visit', 'purchase', 'refund', 'till', 'void', 'expiry', 'staff', 'merge', 'erasure'"


def upgrade() -> None:
    _create_visit_rules()
    _widen_stores_and_campaigns()
    _widen_visits()
    _widen_evidence()
    op.add_column("purchases", sa.Column("scan_id", sa.Uuid(), nullable=True))
    op.add_column("redemptions", sa.Column("undone_scan_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("redemptions_moved_to_check"), "redemptions", type_="check")
    _check("redemptions", "end", "num_nonnulls(till_id, moved_to, undone_scan_id) = 1")
    _allow("point_postings", "cause", f"{_CAUSES}, 'undo'")


def downgrade() -> None:
    op.execute("UPDATE point_postings SET cause = 'staff' WHERE cause = 'undo'")
    _allow("point_postings", "cause", _CAUSES)
    op.execute("DELETE FROM redemptions WHERE undone_scan_id IS NOT NULL")
    op.drop_constraint(op.f("redemptions_end_check"), "redemptions", type_="check")
    op.drop_column("redemptions", "undone_scan_id")
    _check("redemptions", "moved_to", "(till_id IS NULL) = (moved_to IS NOT NULL)")
    op.drop_column("purchases", "scan_id")
    _narrow_evidence()
    _narrow_visits()
    op.drop_constraint(op.f("campaigns_least_trust_check"), "campaigns", type_="check")
    op.drop_column("campaigns", "least_trust")
    op.drop_constraint(op.f("stores_generations_check"), "stores", type_="check")
    op.drop_column("stores", "display_generation")
    op.drop_column("stores", "qr_generation")
    op.drop_table("visit_rules")


def _create_visit_rules() -> None:
    op.create_table(
        "visit_rules",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("by_store_qr", sa.Boolean(), nullable=False),
        sa.Column("by_dwell", sa.Boolean(), nullable=False),
        sa.Column("least_trust", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(f"least_trust {_TRUSTS}", name=op.f("visit_rules_least_trust_check")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("visit_rules_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("visit_rules_pkey")),
    )


def _widen_stores_and_campaigns() -> None:
    op.add_column("stores", sa.Column("qr_generation", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("stores", sa.Column("display_generation", sa.SmallInteger(), server_default="0", nullable=False))
    _check("stores", "generations", "qr_generation >= 1 AND display_generation >= 0")
    op.add_column("campaigns", sa.Column("least_trust", sa.SmallInteger(), server_default="1", nullable=False))
    _check("campaigns", "least_trust", f"least_trust {_TRUSTS}")


def _widen_visits() -> None:
    op.add_column("visits", sa.Column("trust", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("visits", sa.Column("former_trust", sa.SmallInteger(), nullable=True))
    op.add_column("visits", sa.Column("earning_round", sa.Integer(), server_default="1", nullable=False))
    op.add_column("visits", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    _check("visits", "trust", f"trust {_TRUSTS} AND former_trust {_TRUSTS}")
    _check("visits", "earning_round", "earning_round >= 1")
    op.create_index(
        "visits_undone_idx",
        "visits",
        ["member_id", "store_id", "business_day"],
        unique=False,
        postgresql_where=sa.text("undone_at IS NOT NULL"),
    )
    op.execute(
        "UPDATE visits v SET trust = 5 WHERE EXISTS (SELECT FROM visit_evidence e WHERE e.member_id = v.member_id"
        " AND e.store_id = v.store_id AND e.business_day = v.business_day AND e.kind IN ('rotating_code', 'totp_code'))"
    )


def _widen_evidence() -> None:
    op.alter_column("visit_evidence", "till_id", nullable=True)
    op.add_column("visit_evidence", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.add_column("visit_evidence", sa.Column("trust", sa.SmallInteger(), server_default="1", nullable=False))
    op.execute("UPDATE visit_evidence SET trust = 5 WHERE kind IN ('rotating_code', 'totp_code')")
    nothing = sa.text("'{}'")
    for name, of in (("doubts", sa.Text()), ("coupon_ids", sa.Uuid())):
        op.add_column("visit_evidence", sa.Column(name, postgresql.ARRAY(of), server_default=nothing, nullable=False))
    op.add_column("visit_evidence", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visit_evidence", sa.Column("undoing", postgresql.JSONB(), nullable=True))
    _allow("visit_evidence", "kind", f"{_TILL_KINDS}, {_PHONE_KINDS}")
    _check("visit_evidence", "source", "num_nonnulls(till_id, device_id) = 1")
    _check("visit_evidence", "source_kind", f"(device_id IS NOT NULL) = (kind IN ({_PHONE_KINDS}))")
    _check("visit_evidence", "trust", f"trust {_TRUSTS} AND (device_id IS NULL OR trust < 5)")
    _check("visit_evidence", "doubts", "doubts <@ ARRAY['mocked', 'jump', 'impossible_travel']")
    _check("visit_evidence", "undone", "num_nulls(undone_at, undoing) IN (0, 2)")
    _check("visit_evidence", "undone_by", "undone_at IS NULL OR till_id IS NOT NULL")
    op.create_index(
        "visit_evidence_shown_key",
        "visit_evidence",
        ["member_id", "store_id", "business_day", "kind", "trust"],
        unique=True,
        postgresql_where=sa.text("device_id IS NOT NULL"),
    )


def _narrow_evidence() -> None:
    op.drop_index("visit_evidence_shown_key", table_name="visit_evidence")
    for name in ("undone_by", "undone", "doubts", "trust", "source_kind", "source"):
        op.drop_constraint(op.f(f"visit_evidence_{name}_check"), "visit_evidence", type_="check")
    op.execute("DELETE FROM visit_evidence WHERE till_id IS NULL OR undone_at IS NOT NULL")
    _allow("visit_evidence", "kind", _TILL_KINDS)
    for column in ("undoing", "undone_at", "coupon_ids", "doubts", "trust", "device_id"):
        op.drop_column("visit_evidence", column)
    op.alter_column("visit_evidence", "till_id", nullable=False)


def _narrow_visits() -> None:
    op.execute(
        "DELETE FROM visits v WHERE NOT EXISTS (SELECT FROM visit_evidence e WHERE e.member_id = v.member_id"
        " AND e.store_id = v.store_id AND e.business_day = v.business_day)"
    )
    op.drop_index("visits_undone_idx", table_name="visits")
    for name in ("earning_round", "trust"):
        op.drop_constraint(op.f(f"visits_{name}_check"), "visits", type_="check")
    for column in ("undone_at", "earning_round", "former_trust", "trust"):
        op.drop_column("visits", column)


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)


def _allow(table: str, column: str, values: str) -> None:
    op.drop_constraint(op.f(f"{table}_{column}_check"), table, type_="check")
    _check(table, column, f"{column} IN ({values})")

"""Claims of phone numbers and e-mail addresses, their codes' deliveries, members that become one, enrolment settings"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_programs_and_campaigns()
    _widen_members()
    _widen_handles()
    op.alter_column("redemptions", "till_id", nullable=True)
    op.add_column("redemptions", sa.Column("moved_to", sa.Uuid(), nullable=True))
    _check("redemptions", "moved_to", "(till_id IS NULL) = (moved_to IS NOT NULL)")
    _create_claims()
    _create_code_counts()
    _create_deliveries()


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("code_counts")
    op.drop_table("claims")
    op.execute("DELETE FROM redemptions WHERE moved_to IS NOT NULL")
    op.drop_constraint(op.f("redemptions_moved_to_check"), "redemptions", type_="check")
    op.drop_column("redemptions", "moved_to")
    op.alter_column("redemptions", "till_id", nullable=False)
    op.execute("DELETE FROM handles WHERE kind IN ('phone', 'email')")
    op.drop_constraint(op.f("handles_sealed_value_check"), "handles", type_="check")
    op.drop_column("handles", "sealed_value")
    _allow("handles", "kind", "'card_number', 'push_token'")
    op.drop_index(op.f("members_merged_into_idx"), table_name="members")
    for name in ("merged_into", "merged_into_self"):
        op.drop_constraint(op.f(f"members_{name}_check"), "members", type_="check")
    op.execute("UPDATE members SET state = 'closed' WHERE state IN ('blocked', 'merged')")
    _allow("members", "state", "'active', 'closed'")
    for column in ("enrolled_store_id", "claimed_at", "state_changed_at", "merged_into"):
        op.drop_column("members", column)
    op.drop_column("campaigns", "for_anonymous")
    for column in ("phone_region", "join_url", "app_check_project"):
        op.drop_column("programs", column)


def _widen_programs_and_campaigns() -> None:
    op.add_column("programs", sa.Column("phone_region", sa.Text(), server_default="JP", nullable=False))
    op.add_column("programs", sa.Column("join_url", sa.Text(), nullable=True))
    op.add_column("programs", sa.Column("app_check_project", sa.Text(), nullable=True))
    _check("programs", "phone_region", "phone_region ~ '^[A-Z]{2}$'")
    _check("programs", "app_check_project", "app_check_project ~ '^[0-9]{1,20}$'")
    # Campaigns from before there were claims go on as they were written: for everybody.
    op.add_column("campaigns", sa.Column("for_anonymous", sa.Boolean(), server_default=sa.text("true"), nullable=False))


def _widen_members() -> None:
    op.add_column("members", sa.Column("enrolled_store_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("members_enrolled_store_id_fkey"), "members", "stores", ["enrolled_store_id"], ["id"])
    op.add_column("members", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("members", sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("members", sa.Column("merged_into", sa.Uuid(), nullable=True))
    _allow("members", "state", "'active', 'blocked', 'closed', 'merged'")
    _check("members", "merged_into", "(state = 'merged') = (merged_into IS NOT NULL)")
    _check("members", "merged_into_self", "merged_into <> member_id")
    op.create_index(
        op.f("members_merged_into_idx"),
        "members",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )


def _widen_handles() -> None:
    op.add_column("handles", sa.Column("sealed_value", sa.LargeBinary(), nullable=True))
    _allow("handles", "kind", "'card_number', 'push_token', 'phone', 'email'")
    _check("handles", "sealed_value", "(kind IN ('phone', 'email')) = (sealed_value IS NOT NULL)")


def _create_claims() -> None:
    op.create_table(
        "claims",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempts BETWEEN 0 AND 5", name=op.f("claims_attempts_check")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("claims_expires_at_check")),
        sa.CheckConstraint("kind IN ('phone', 'email')", name=op.f("claims_kind_check")),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'replaced')", name=op.f("claims_state_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("claims_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("claims_program_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("claims_pkey")),
    )
    op.create_index(op.f("claims_created_at_idx"), "claims", ["created_at"], unique=False)
    op.create_index(
        "claims_open_key",
        "claims",
        ["member_id", "kind", "value_hash"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_code_counts() -> None:
    op.create_table(
        "code_counts",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_hash", sa.LargeBinary(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'email', 'member')", name=op.f("code_counts_kind_check")),
        sa.CheckConstraint("sent BETWEEN 1 AND 10", name=op.f("code_counts_sent_check")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("code_counts_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", "kind", "value_hash", name=op.f("code_counts_pkey")),
    )
    op.create_index(op.f("code_counts_last_sent_at_idx"), "code_counts", ["last_sent_at"], unique=False)


def _create_deliveries() -> None:
    due = "state IN ('pending', 'sending', 'retryable')"
    op.create_table(
        "deliveries",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sealed_letter", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("deliveries_channel_check")),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'retryable', 'sent', 'failed', 'expired')",
            name=op.f("deliveries_state_check"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("deliveries_attempts_check")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("deliveries_sent_at_check")),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL)", name=op.f("deliveries_lease_until_check")
        ),
        sa.CheckConstraint(f"({due}) = (sealed_letter IS NOT NULL)", name=op.f("deliveries_sealed_letter_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("deliveries_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("deliveries_program_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("deliveries_pkey")),
    )
    op.create_index(op.f("deliveries_created_at_idx"), "deliveries", ["created_at"], unique=False)
    op.create_index(
        "deliveries_due_idx", "deliveries", ["next_attempt_at"], unique=False, postgresql_where=sa.text(due)
    )


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)


def _allow(table: str, column: str, values: str) -> None:
    op.drop_constraint(op.f(f"{table}_{column}_check"), table, type_="check")
    _check(table, column, f"{column} IN ({values})")

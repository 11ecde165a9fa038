"""Points, stamps, ranks and purchases"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A campaign that rewards full stamp cards is a kind of its own.
    op.drop_constraint("campaigns_trigger_check", "campaigns")
    op.create_check_constraint(
        op.f("campaigns_trigger_check"),
        "campaigns",
        "trigger IN ('enter', 'exit', 'dwell', 'cross', 'visit', 'stamps')",
    )
    op.create_table(
        "point_rules",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_step", sa.BigInteger(), nullable=False),
        sa.Column("step_points", sa.BigInteger(), nullable=False),
        sa.Column("visit_points", sa.BigInteger(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("point_rules_currency_check")),
        sa.CheckConstraint(
            "amount_step > 0 AND step_points >= 0 AND visit_points >= 0", name=op.f("point_rules_points_check")
        ),
        sa.CheckConstraint("valid_days BETWEEN 1 AND 3650", name=op.f("point_rules_valid_days_check")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("point_rules_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("point_rules_pkey")),
    )
    op.create_table(
        "rank_rules",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("rolling_days", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(period = 'rolling') = (rolling_days IS NOT NULL)", name=op.f("rank_rules_rolling_check")),
        sa.CheckConstraint("measure IN ('points', 'visits', 'spend')", name=op.f("rank_rules_measure_check")),
        sa.CheckConstraint("period IN ('year', 'month', 'rolling')", name=op.f("rank_rules_period_check")),
        sa.CheckConstraint("rolling_days BETWEEN 1 AND 3650", name=op.f("rank_rules_rolling_days_check")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("rank_rules_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("rank_rules_pkey")),
    )
    op.create_table(
        "member_ranks",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules_version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("member_ranks_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("member_ranks_program_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("member_ranks_pkey")),
    )
    op.create_index(
        op.f("member_ranks_program_id_rules_version_idx"), "member_ranks", ["program_id", "rules_version"], unique=False
    )
    op.create_index(
        op.f("member_ranks_valid_until_idx"),
        "member_ranks",
        ["valid_until"],
        unique=False,
        postgresql_where=sa.text("valid_until IS NOT NULL"),
    )
    op.create_table(
        "point_accounts",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_expiry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("point_accounts_balance_check")),
        sa.CheckConstraint("owed >= 0 AND (owed = 0 OR balance = 0)", name=op.f("point_accounts_owed_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("point_accounts_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("point_accounts_program_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("point_accounts_pkey")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        op.f("point_accounts_next_expiry_at_idx"),
        "point_accounts",
        ["next_expiry_at"],
        unique=False,
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.create_table(
        "rank_changes",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("former_code", sa.Text(), nullable=True),
        sa.Column("rank_code", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("former_code IS DISTINCT FROM rank_code", name=op.f("rank_changes_rank_code_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("rank_changes_member_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("rank_changes_pkey")),
    )
    op.create_table(
        "ranks",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'", name=op.f("ranks_code_check")),
        sa.CheckConstraint("threshold >= 0", name=op.f("ranks_threshold_check")),
        sa.ForeignKeyConstraint(["program_id"], ["rank_rules.program_id"], name=op.f("ranks_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", "code", name=op.f("ranks_pkey")),
        sa.UniqueConstraint("program_id", "threshold", name=op.f("ranks_program_id_threshold_key")),
    )
    op.create_table(
        "receipts",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('purchase', 'refund', 'spend')", name=op.f("receipts_kind_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("receipts_member_id_fkey")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("receipts_store_id_fkey")),
        sa.PrimaryKeyConstraint("store_id", "kind", "receipt_hash", name=op.f("receipts_pkey")),
    )
    op.create_index(op.f("receipts_member_id_idx"), "receipts", ["member_id"], unique=False)
    op.create_table(
        "stamp_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("min_amount", sa.BigInteger(), nullable=False),
        sa.Column("stamps_needed", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'", name=op.f("stamp_cards_code_check")),
        sa.CheckConstraint("source IN ('visit', 'purchase')", name=op.f("stamp_cards_source_check")),
        sa.CheckConstraint(
            "stamps_needed BETWEEN 1 AND 100 AND min_amount >= 0", name=op.f("stamp_cards_stamps_needed_check")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("stamp_cards_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("stamp_cards_program_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("stamp_cards_pkey")),
        sa.UniqueConstraint("program_id", "code", name=op.f("stamp_cards_program_id_code_key")),
    )
    op.create_table(
        "point_lots",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("remaining > 0", name=op.f("point_lots_remaining_check")),
        sa.ForeignKeyConstraint(["member_id"], ["point_accounts.member_id"], name=op.f("point_lots_member_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "expires_at", name=op.f("point_lots_pkey")),
    )
    op.create_table(
        "point_postings",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("owed_change", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("lots", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'adjust') = (reason IS NOT NULL)", name=op.f("point_postings_reason_check")),
        sa.CheckConstraint("(kind = 'reverse') = (reverses IS NOT NULL)", name=op.f("point_postings_reverses_check")),
        sa.CheckConstraint(
            "cause IN ('visit', 'purchase', 'refund', 'till', 'void', 'expiry', 'staff', 'merge')",
            name=op.f("point_postings_cause_check"),
        ),
        sa.CheckConstraint("kind <> 'expire' OR points < 0", name=op.f("point_postings_expire_check")),
        sa.CheckConstraint("kind <> 'spend' OR points < 0", name=op.f("point_postings_spend_check")),
        sa.CheckConstraint(
            "kind IN ('earn', 'spend', 'expire', 'adjust', 'reverse', 'move')", name=op.f("point_postings_kind_check")
        ),
        sa.CheckConstraint("balance_after >= 0", name=op.f("point_postings_balance_after_check")),
        sa.CheckConstraint("points <> 0 OR owed_change <> 0", name=op.f("point_postings_points_check")),
        sa.ForeignKeyConstraint(
            ["member_id", "reverses"],
            ["point_postings.member_id", "point_postings.id"],
            name=op.f("point_postings_member_id_reverses_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["point_accounts.member_id"], name=op.f("point_postings_member_id_fkey")
        ),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("point_postings_program_id_fkey")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("point_postings_store_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("point_postings_pkey")),
        sa.UniqueConstraint("member_id", "source_key", name=op.f("point_postings_member_id_source_key_key")),
    )
    op.create_table(
        "purchases",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("till_id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("purchased_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(items) = 'array'", name=op.f("purchases_items_check")),
        sa.CheckConstraint("amount > 0", name=op.f("purchases_amount_check")),
        sa.CheckConstraint("refunded BETWEEN 0 AND amount", name=op.f("purchases_refunded_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("purchases_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("purchases_program_id_fkey")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("purchases_store_id_fkey")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("purchases_till_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("purchases_pkey")),
    )
    op.create_table(
        "stamp_completions",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("stamp_card_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(decision = 'issued') = (coupon_id IS NOT NULL)", name=op.f("stamp_completions_coupon_id_check")
        ),
        sa.CheckConstraint("round > 0", name=op.f("stamp_completions_round_check")),
        sa.ForeignKeyConstraint(
            ["member_id", "coupon_id"],
            ["coupons.member_id", "coupons.id"],
            name=op.f("stamp_completions_member_id_coupon_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("stamp_completions_member_id_fkey")),
        sa.ForeignKeyConstraint(
            ["stamp_card_id"], ["stamp_cards.id"], name=op.f("stamp_completions_stamp_card_id_fkey")
        ),
        sa.PrimaryKeyConstraint("member_id", "stamp_card_id", "round", name=op.f("stamp_completions_pkey")),
    )
    op.create_table(
        "stamps",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("stamp_card_id", sa.Uuid(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("stamps_member_id_fkey")),
        sa.ForeignKeyConstraint(["stamp_card_id"], ["stamp_cards.id"], name=op.f("stamps_stamp_card_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "stamp_card_id", "source_key", name=op.f("stamps_pkey")),
    )
    op.create_table(
        "refunds",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("till_id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("refunds_amount_check")),
        sa.ForeignKeyConstraint(
            ["member_id", "purchase_id"],
            ["purchases.member_id", "purchases.id"],
            name=op.f("refunds_member_id_purchase_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("refunds_till_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("refunds_pkey")),
    )


def downgrade() -> None:
    op.drop_table("refunds")
    op.drop_table("stamps")
    op.drop_table("stamp_completions")
    op.drop_table("purchases")
    op.drop_table("point_postings")
    op.drop_table("point_lots")
    op.drop_table("stamp_cards")
    op.drop_index(op.f("receipts_member_id_idx"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_table("ranks")
    op.drop_table("rank_changes")
    op.drop_index(
        op.f("point_accounts_next_expiry_at_idx"),
        table_name="point_accounts",
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.drop_table("point_accounts")
    op.drop_index(
        op.f("member_ranks_valid_until_idx"),
        table_name="member_ranks",
        postgresql_where=sa.text("valid_until IS NOT NULL"),
    )
    op.drop_index(op.f("member_ranks_program_id_rules_version_idx"), table_name="member_ranks")
    op.drop_table("member_ranks")
    op.drop_table("rank_rules")
    op.drop_table("point_rules")
    op.drop_constraint("campaigns_trigger_check", "campaigns")
    op.create_check_constraint(
        op.f("campaigns_trigger_check"), "campaigns", "trigger IN ('enter', 'exit', 'dwell', 'cross', 'visit')"
    )

"""Card codes: signing keys, phones' keys, TOTP passes, used codes"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("visit_evidence_kind_check"), "visit_evidence", type_="check")
    op.create_check_constraint(
        op.f("visit_evidence_kind_check"),
        "visit_evidence",
        "kind IN ('card_code', 'card_number', 'rotating_code', 'totp_code')",
    )
    op.create_table(
        "card_revocation_counters",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("card_revocation_counters_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("card_revocation_counters_pkey")),
    )
    op.create_table(
        "card_signing_keys",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "octet_length(key_id) = 2 AND octet_length(public_key) = 32", name=op.f("card_signing_keys_lengths_check")
        ),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("card_signing_keys_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", "key_id", name=op.f("card_signing_keys_pkey")),
    )
    op.create_table(
        "totp_passes",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('app', 'google_wallet')", name=op.f("totp_passes_kind_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("totp_passes_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("totp_passes_program_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("totp_passes_pkey")),
    )
    op.create_index(
        "totp_passes_live_key",
        "totp_passes",
        ["member_id", "kind"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "card_keys",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.LargeBinary(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revocation_cause", sa.Text(), nullable=True),
        sa.Column("revocation_sequence", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "revocation_cause IN ('replaced', 'lost', 'signed_out', 'blocked', 'closed')",
            name=op.f("card_keys_revocation_cause_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(revoked_at, revocation_cause, revocation_sequence) IN (0, 3)",
            name=op.f("card_keys_revoked_check"),
        ),
        sa.CheckConstraint(
            "octet_length(serial) = 16 AND octet_length(public_key) = 33", name=op.f("card_keys_lengths_check")
        ),
        sa.ForeignKeyConstraint(
            ["member_id", "device_id"],
            ["devices.member_id", "devices.id"],
            name=op.f("card_keys_member_id_device_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("card_keys_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("card_keys_program_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "serial", name=op.f("card_keys_pkey")),
    )
    op.create_index(
        "card_keys_live_key", "card_keys", ["member_id"], unique=True, postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.create_index(
        op.f("card_keys_program_id_revocation_sequence_idx"),
        "card_keys",
        ["program_id", "revocation_sequence"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_table(
        "code_uses",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("till_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("code_uses_member_id_fkey")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("code_uses_store_id_fkey")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("code_uses_till_id_fkey")),
        sa.PrimaryKeyConstraint("member_id", "serial", "step", "till_id", name=op.f("code_uses_pkey")),
    )
    op.create_index(
        "code_uses_counted_key",
        "code_uses",
        ["member_id", "serial", "step"],
        unique=True,
        postgresql_where=sa.text("is_counted"),
    )
    op.create_index(op.f("code_uses_reported_at_idx"), "code_uses", ["reported_at"], unique=False)


def downgrade() -> None:
    # The former schema has no word for them; a code that was read is nearest to its own.
    op.execute("UPDATE visit_evidence SET kind = 'card_code' WHERE kind IN ('rotating_code', 'totp_code')")
    op.drop_constraint(op.f("visit_evidence_kind_check"), "visit_evidence", type_="check")
    op.create_check_constraint(
        op.f("visit_evidence_kind_check"), "visit_evidence", "kind IN ('card_code', 'card_number')"
    )
    op.drop_index(op.f("code_uses_reported_at_idx"), table_name="code_uses")
    op.drop_index("code_uses_counted_key", table_name="code_uses", postgresql_where=sa.text("is_counted"))
    op.drop_table("code_uses")
    op.drop_index(
        op.f("card_keys_program_id_revocation_sequence_idx"),
        table_name="card_keys",
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.drop_index("card_keys_live_key", table_name="card_keys", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_table("card_keys")
    op.drop_index("totp_passes_live_key", table_name="totp_passes", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_table("totp_passes")
    op.drop_table("card_signing_keys")
    op.drop_table("card_revocation_counters")

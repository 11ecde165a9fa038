"""Google Wallet: loyalty classes, loyalty objects, and those that are over"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "google_classes",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("logo_url", sa.Text(), nullable=False),
        sa.Column("background_color", sa.Text(), nullable=True),
        sa.Column("told_hash", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "logo_url ~ '^https://' AND length(logo_url) <= 500", name=op.f("google_classes_logo_url_check")
        ),
        sa.CheckConstraint("background_color ~ '^#[0-9a-f]{6}$'", name=op.f("google_classes_background_color_check")),
        sa.CheckConstraint("octet_length(told_hash) = 32", name=op.f("google_classes_told_hash_check")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("google_classes_program_id_fkey")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("google_classes_pkey")),
    )
    op.create_table(
        "google_passes",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("told_hash", sa.LargeBinary(), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(told_hash) = 32", name=op.f("google_passes_told_hash_check")),
        sa.CheckConstraint("failures >= 0", name=op.f("google_passes_failures_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("google_passes_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("google_passes_program_id_fkey")),
        sa.ForeignKeyConstraint(
            ["member_id", "pass_id"],
            ["totp_passes.member_id", "totp_passes.id"],
            name=op.f("google_passes_member_id_pass_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("google_passes_pkey")),
    )
    op.create_index(op.f("google_passes_next_look_at_idx"), "google_passes", ["next_look_at"], unique=False)
    op.create_table(
        "google_endings",
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("google_endings_failures_check")),
        sa.PrimaryKeyConstraint("pass_id", name=op.f("google_endings_pkey")),
    )
    op.create_index(op.f("google_endings_next_attempt_at_idx"), "google_endings", ["next_attempt_at"], unique=False)


def downgrade() -> None:
    op.drop_table("google_endings")
    op.drop_table("google_passes")
    op.drop_table("google_classes")

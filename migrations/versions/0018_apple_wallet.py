"""Apple Wallet: passes that phones hold, and the phones that ask to be told of a change"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "apple_passes",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(fingerprint) = 32", name=op.f("apple_passes_fingerprint_check")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("apple_passes_member_id_fkey")),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name=op.f("apple_passes_program_id_fkey")),
        sa.ForeignKeyConstraint(
            ["member_id", "device_id"],
            ["devices.member_id", "devices.id"],
            name=op.f("apple_passes_member_id_device_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("member_id", "device_id", name=op.f("apple_passes_pkey")),
    )
    op.create_table(
        "apple_registrations",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("library_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_push_token", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("octet_length(library_hash) = 32", name=op.f("apple_registrations_library_hash_check")),
        sa.CheckConstraint("attempts >= 0", name=op.f("apple_registrations_attempts_check")),
        sa.ForeignKeyConstraint(
            ["member_id", "device_id"],
            ["apple_passes.member_id", "apple_passes.device_id"],
            name=op.f("apple_registrations_member_id_device_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("member_id", "device_id", "library_hash", name=op.f("apple_registrations_pkey")),
    )
    op.create_index(op.f("apple_registrations_library_hash_idx"), "apple_registrations", ["library_hash"], unique=False)
    op.create_index(
        "apple_registrations_due_idx",
        "apple_registrations",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("apple_registrations")
    op.drop_table("apple_passes")

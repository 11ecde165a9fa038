"""Google Wallet: what Google has been told, and what it is still to be told. Imported by `migrations.tables`."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from migrations.columns import at_column, member_column, metadata, program_column

# A program's loyalty class: how its card looks in Google Wallet. `told_hash` is of what Google has last taken.
google_classes = Table(
    "google_classes",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("logo_url", Text, nullable=False),
    Column("background_color", Text, nullable=True),
    Column("told_hash", LargeBinary, nullable=True),
    at_column("changed_at"),
    CheckConstraint("logo_url ~ '^https://' AND length(logo_url) <= 500", name="logo_url"),
    CheckConstraint("background_color ~ '^#[0-9a-f]{6}$'", name="background_color"),
    CheckConstraint("octet_length(told_hash) = 32", name="told_hash"),
)

# A live loyalty object: one a member. The worker looks now and then whether what it shows has changed.
google_passes = Table(
    "google_passes",
    metadata,
    member_column(),
    Column("pass_id", Uuid, nullable=False),
    program_column(),
    Column("told_hash", LargeBinary, nullable=True),
    at_column("next_look_at"),
    at_column("lease_until", nullable=True),
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    at_column("created_at"),
    PrimaryKeyConstraint("member_id"),
    ForeignKeyConstraint(["member_id", "pass_id"], ["totp_passes.member_id", "totp_passes.id"]),
    CheckConstraint("octet_length(told_hash) = 32", name="told_hash"),
    CheckConstraint("failures >= 0", name="failures"),
    Index(None, "next_look_at"),
)

# Objects that are over, until Google knows. They name nobody: an ending outlives the erasure of its member.
google_endings = Table(
    "google_endings",
    metadata,
    Column("pass_id", Uuid, primary_key=True),
    at_column("ended_at"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    CheckConstraint("failures >= 0", name="failures"),
    Index(None, "next_attempt_at"),
)

GOOGLE_WALLET_TABLES = (google_classes, google_passes, google_endings)

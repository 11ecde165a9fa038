"""Apple Wallet: the passes that phones hold, and which phones ask to be told of a change. See `migrations.tables`."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
    text,
)

from migrations.columns import at_column, member_column, metadata, program_column

# A pass is one app installation's; it has a row for as long as a phone's wallet is registered for it.
apple_passes = Table(
    "apple_passes",
    metadata,
    member_column(),
    Column("device_id", Uuid, nullable=False),
    program_column(),
    Column("fingerprint", LargeBinary, nullable=False),  # of what it shows
    at_column("changed_at"),
    PrimaryKeyConstraint("member_id", "device_id"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint"),
)

apple_registrations = Table(
    "apple_registrations",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    # Keyed: who knows what Apple calls a phone's library may ask which passes are in it.
    Column("library_hash", LargeBinary, nullable=False),
    Column("sealed_push_token", LargeBinary, nullable=False),
    at_column("registered_at"),
    at_column("due_at", nullable=True),  # when to push; null: the phone has been told of the newest change
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("member_id", "device_id", "library_hash"),
    ForeignKeyConstraint(["member_id", "device_id"], ["apple_passes.member_id", "apple_passes.device_id"]),
    CheckConstraint("octet_length(library_hash) = 32", name="library_hash"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "library_hash"),
    Index("apple_registrations_due_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)

APPLE_WALLET_TABLES = (apple_passes, apple_registrations)

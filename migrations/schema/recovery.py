"""What brings a card back to a browser that has lost it. The package `members` owns this table."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from migrations.schema.columns import at_column, member_column, metadata, program_column

# With the secret a browser that has lost what scripts keep gets its member's card back, as a new device.
recovery_credentials = Table(
    "recovery_credentials",
    metadata,
    member_column(),
    Column("device_id", Uuid, nullable=False),
    program_column(),
    Column("secret_hash", LargeBinary, nullable=False),
    at_column("created_at"),
    at_column("expires_at"),
    PrimaryKeyConstraint("member_id", "device_id"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "expires_at"),
)

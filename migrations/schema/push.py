"""The outbox: pushes until FCM has taken them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

outbox = Table(
    "outbox",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("device_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("expires_at"),
    at_column("created_at"),
    at_column("sent_at", nullable=True),
    Column("provider_message_id", Text, nullable=True),
    Column("failure", Text, nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    # One push of one coupon to one device, whatever the code does.
    UniqueConstraint("member_id", "coupon_id", "device_id"),
    one_of("state", "pending", "sending", "retryable", "sent", "failed", "expired"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    Index(
        "outbox_due_idx",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'sending', 'retryable')"),
    ),
    Index(None, "program_id", "created_at"),
)

"""Deliveries: e-mails to the staff until a mail server has taken them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from migrations.schema.columns import at_column, id_column, metadata, one_of, program_column

# One to nobody is over from its beginning: it stands for what was not sent (`password_resets`).
staff_deliveries = Table(
    "staff_deliveries",
    metadata,
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=True),
    id_column(),
    program_column(),
    Column("channel", Text, nullable=False),
    # Recipient and words. It goes as soon as the message is out or given up: it holds a code.
    Column("sealed_message", LargeBinary, nullable=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("expires_at"),
    at_column("created_at"),
    at_column("sent_at", nullable=True),
    Column("provider_message_id", Text, nullable=True),
    Column("failure", Text, nullable=True),
    one_of("channel", "email"),
    one_of("state", "pending", "sending", "retryable", "sent", "failed", "expired", "unknown"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    CheckConstraint(
        "(state IN ('pending', 'sending', 'retryable')) = (sealed_message IS NOT NULL)", name="sealed_message"
    ),
    Index(
        "staff_deliveries_due_idx",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'sending', 'retryable')"),
    ),
    Index(None, "created_at"),
    PrimaryKeyConstraint("id"),
    CheckConstraint("staff_id IS NOT NULL OR state = 'expired'", name="staff_id"),
)

"""Deliveries: text messages and e-mails until a provider has taken them. To members, and to the staff."""

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
from sqlalchemy.schema import SchemaItem

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column


def _message_columns(table: str) -> tuple[SchemaItem, ...]:
    return (
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
        one_of("channel", "email", "sms", "line", "voice", "messenger"),
        one_of("state", "pending", "sending", "retryable", "sent", "failed", "expired", "unknown"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
        CheckConstraint(
            "(state IN ('pending', 'sending', 'retryable')) = (sealed_message IS NOT NULL)", name="sealed_message"
        ),
        Index(
            f"{table}_due_idx",
            "next_attempt_at",
            postgresql_where=text("state IN ('pending', 'sending', 'retryable')"),
        ),
        Index(None, "created_at"),
    )


deliveries = Table(
    "deliveries",
    metadata,
    member_column(),
    *_message_columns("deliveries"),
    PrimaryKeyConstraint("member_id", "id"),
)

# One to nobody is over from its beginning: it stands for what was not sent (`password_resets`).
staff_deliveries = Table(
    "staff_deliveries",
    metadata,
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=True),
    *_message_columns("staff_deliveries"),
    PrimaryKeyConstraint("id"),
    CheckConstraint("staff_id IS NOT NULL OR state = 'expired'", name="staff_id"),
)

"""Claims: who proves that a phone number or e-mail address is theirs, and the messages that carry the codes."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from migrations.columns import at_column, id_column, member_column, metadata, one_of, program_column

claims = Table(
    "claims",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    Column("sealed_value", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    # What the code is good for, and nothing else.
    Column("purpose", Text, nullable=False, server_default="contact"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    at_column("created_at"),
    at_column("expires_at"),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("kind", "phone", "email"),
    one_of("purpose", "contact", "export", "erasure"),
    one_of("state", "open", "confirmed", "replaced"),
    CheckConstraint("attempts BETWEEN 0 AND 5", name="attempts"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index("claims_open_key", "member_id", "kind", "value_hash", unique=True, postgresql_where=text("state = 'open'")),
    Index(None, "created_at"),
)

# How many codes went out, to a contact (whoever asked) and on behalf of a member (to whatever contact).
code_counts = Table(
    "code_counts",
    metadata,
    program_column(),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    at_column("window_started_at"),
    at_column("last_sent_at"),
    Column("sent", Integer, nullable=False),
    PrimaryKeyConstraint("program_id", "kind", "value_hash"),
    one_of("kind", "phone", "email", "member"),
    CheckConstraint("sent BETWEEN 1 AND 10", name="sent"),
    Index(None, "last_sent_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("channel", Text, nullable=False),
    # Recipient and words. It goes as soon as the message is out or given up: it holds a code.
    Column("sealed_letter", LargeBinary, nullable=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("expires_at"),
    at_column("created_at"),
    at_column("sent_at", nullable=True),
    Column("failure", Text, nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("channel", "sms", "email"),
    one_of("state", "pending", "sending", "retryable", "sent", "failed", "expired"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    CheckConstraint(
        "(state IN ('pending', 'sending', 'retryable')) = (sealed_letter IS NOT NULL)", name="sealed_letter"
    ),
    Index(
        "deliveries_due_idx",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'sending', 'retryable')"),
    ),
    Index(None, "created_at"),
)

CLAIMS_TABLES = (claims, code_counts, deliveries)

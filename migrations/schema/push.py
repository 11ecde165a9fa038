"""The outbox: pushes until FCM has taken them; and how many messages members and programs have been sent."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
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
    Column("device_id", Uuid, nullable=True),
    Column("coupon_id", Uuid, nullable=False),
    # Which step of its campaign's follow-ups it is (coupons.follow_ups), from 1; 0: it tells of the coupon itself.
    # Whether it is told though the coupon is used or was withdrawn.
    Column("follow_up_step", SmallInteger, nullable=False, server_default="0"),
    Column("outlives_use", Boolean, nullable=False, server_default="false"),
    Column("payload", JSONB, nullable=True),
    # Before what has to be sent now, a broadcast waits.
    Column("lane", Text, nullable=False, server_default="urgent"),
    Column("state", Text, nullable=False),
    # Where it stands in the queues; null: it is over, for good or ill. A lease changes nothing of it, and so touches no
    # index: with `state` in their conditions each lease would write to all of them (ADR 0058).
    Column(
        "queue",
        Text,
        Computed(
            "CASE WHEN state IN ('pending', 'sending', 'retryable') THEN lane WHEN state = 'deferred' THEN state END",
            persisted=True,
        ),
    ),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("expires_at"),
    at_column("created_at"),
    at_column("sent_at", nullable=True),
    Column("provider_message_id", Text, nullable=True),
    Column("failure", Text, nullable=True),
    # What the governor needs (push/governor.py). Among several of a member, the higher one comes first within a cap.
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    at_column("rings_until", nullable=True),  # then quiet hours begin
    Column("deferrals", SmallInteger, nullable=False, server_default="0"),
    Column("counted_on", Date, nullable=True),  # the member's day to whose cap it counts
    Column("quota_day", Date, nullable=True),  # the program's day to whose quota it counts
    PrimaryKeyConstraint("member_id", "id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    # One push of one coupon, and one of each step after it, to one device, whatever the code does.
    UniqueConstraint("member_id", "coupon_id", "follow_up_step", "device_id", postgresql_nulls_not_distinct=True),
    CheckConstraint(
        "follow_up_step BETWEEN 0 AND 10 AND (follow_up_step > 0 OR NOT outlives_use)", name="follow_up_step"
    ),
    one_of("lane", "urgent", "bulk"),
    one_of("state", "pending", "sending", "retryable", "deferred", "sent", "failed", "expired", "dropped"),
    CheckConstraint("state = 'dropped' OR (device_id IS NOT NULL AND payload IS NOT NULL)", name="device_id"),
    CheckConstraint("state <> 'dropped' OR failure IS NOT NULL", name="failure"),
    CheckConstraint("counted_on IS NULL OR state IN ('pending', 'sending', 'retryable', 'sent')", name="counted_on"),
    CheckConstraint("deferrals >= 0", name="deferrals"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    Index("outbox_due_idx", "queue", "next_attempt_at", postgresql_where=text("queue IS NOT NULL")),
    postgresql_with={"fillfactor": "70"},  # room for the row of the lease beside its first
)

# On which days a member was sent messages, each day as often as that; of the last seven days. One row a member, so that
# two transactions cannot both take the last place.
message_counts = Table(
    "message_counts",
    metadata,
    member_column(),
    Column("days", ARRAY(Date), nullable=False),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("cardinality(days) <= 400", name="days"),  # two members' who became one
)

# How many messages of a program's quota a day has taken.
message_quotas = Table(
    "message_quotas",
    metadata,
    program_column(),
    Column("day", Date, nullable=False),
    Column("used", BigInteger, nullable=False),
    PrimaryKeyConstraint("program_id", "day"),
    CheckConstraint("used >= 0", name="used"),
)

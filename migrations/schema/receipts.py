"""What became of messages after they were handed over: receipts, how many, and how long it took (owner: push)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from migrations.schema.columns import at_column, member_column, metadata, one_of, program_column

_CHANNELS = ("push", "email", "sms", "line", "voice", "messenger")
_KINDS = ("accepted", "delivered", "displayed", "opened", "clicked", "failed", "bounced", "complained")

# One of each kind a message and channel, the first that was told: a message may go on from one channel to the
# next. Without a foreign key to its message, which may be gone before.
message_receipts = Table(
    "message_receipts",
    metadata,
    member_column(),
    Column("message_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    at_column("at"),
    Column("provider_message_id", Text, nullable=True),
    PrimaryKeyConstraint("member_id", "message_id", "channel", "kind"),
    one_of("kind", *_KINDS),
    one_of("channel", *_CHANNELS),
    CheckConstraint("provider_message_id <> ''", name="provider_message_id"),
)

# How many receipts of each kind a campaign has had. Phones answer a broadcast all at once: each count has several rows
# (`slot`), so that not all of them wait for one.
receipt_counts = Table(
    "receipt_counts",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("times", BigInteger, nullable=False),
    PrimaryKeyConstraint("campaign_id", "channel", "kind", "slot"),
    one_of("kind", *_KINDS),
    one_of("channel", *_CHANNELS),
    CheckConstraint("slot BETWEEN 0 AND 15", name="slot"),
    CheckConstraint("times > 0", name="times"),
)

# How long a program's messages took on a day of its calendar, from what earned a coupon being received until the stage:
# how many fell into each bucket (push/latencies.py). Slots as above.
message_latencies = Table(
    "message_latencies",
    metadata,
    program_column(),
    Column("day", Date, nullable=False),
    Column("stage", Text, nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("times", BigInteger, nullable=False),
    PrimaryKeyConstraint("program_id", "day", "stage", "bucket", "slot"),
    one_of("stage", "handed", "displayed"),
    CheckConstraint("bucket BETWEEN 0 AND 200", name="bucket"),
    CheckConstraint("slot BETWEEN 0 AND 15", name="slot"),
    CheckConstraint("times > 0", name="times"),
)

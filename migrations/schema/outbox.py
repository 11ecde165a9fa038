"""The outbox: what reaches members, by whatever channel, until it is out."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of

outbox = Table(
    "outbox",
    metadata,
    member_column(),
    id_column(),
    Column("program_id", Uuid, nullable=False),  # never deleted: not looked up for each message (docs/decisions/0074)
    Column("channel", Text, nullable=False, server_default="push"),
    # Of a code, an alert or a test, which no coupon earned, neither of the two.
    Column("coupon_id", Uuid, nullable=True),
    Column("campaign_id", Uuid, nullable=True),
    # Which step of its campaign's follow-ups it is (coupons.campaigns.follow_ups), from 1; 0: it tells of the coupon
    # itself. Whether it is told though the coupon is used or was withdrawn.
    Column("follow_up_step", SmallInteger, nullable=False, server_default="0"),
    Column("outlives_use", Boolean, nullable=False, server_default="false"),
    # Of a push: the phone that is to ring, and the words. Of a coupon's message by another channel: the words; where
    # they go is looked up as they are sent. Of all else: recipient and words, sealed.
    Column("device_id", Uuid, nullable=True),
    Column("payload", JSONB, nullable=True),
    Column("sealed_message", LargeBinary, nullable=True),
    # Before what has to be sent now, a broadcast waits.
    Column("lane", Text, nullable=False, server_default="urgent"),
    Column("state", Text, nullable=False),
    # Where it stands in the queues; `dead`: it failed, and may be sent again; null: it is over. A lease changes nothing
    # of it, and so touches no index: with `state` in their conditions each lease would write to all of them (ADR 0058).
    Column(
        "queue",
        Text,
        Computed(
            "CASE WHEN state IN ('pending', 'sending', 'retryable') THEN channel || '_' || lane"
            " WHEN state IN ('deferred', 'refused') THEN 'deferred'"
            " WHEN state IN ('failed', 'expired') AND dismissed_at IS NULL THEN 'dead' END",
            persisted=True,
        ),
    ),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # How many of them there had been when it was last sent again; `attempts` itself never falls, for it is the fence.
    Column("attempts_before", Integer, nullable=False, server_default="0"),
    # Of how many it is known that nobody got anything: only a message of which that holds for all may go by another
    # channel. By which channels it was refused for good, in order: [push.fallback.Refusal]; null: by none.
    Column("attempts_refused", Integer, nullable=False, server_default="0"),
    Column("refusals", JSONB, nullable=True),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("expires_at"),
    at_column("created_at"),
    at_column("released_at", nullable=True),  # when quiet hours had held it back no longer
    at_column("sent_at", nullable=True),
    Column("provider_message_id", Text, nullable=True),
    Column("failure", Text, nullable=True),
    at_column("dismissed_at", nullable=True),  # an owner wants to see no more that it failed
    # What the governor needs (push/governor.py). Among several of a member, the higher one comes first within a cap.
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    at_column("rings_until", nullable=True),  # then quiet hours begin
    Column("deferrals", SmallInteger, nullable=False, server_default="0"),
    Column("counted_on", Date, nullable=True),  # the member's day to whose cap it counts
    # Of a push to several phones: those that have it, while others are to be tried again (push.several_phones).
    Column("reached_device_ids", ARRAY(Uuid), nullable=True),
    Column("quota_day", Date, nullable=True),  # the program's day to whose quota it counts
    PrimaryKeyConstraint("member_id", "id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    # One message of one coupon, and one of each step after it, by one channel, whatever the code does.
    Index(
        "outbox_coupon_key",
        "member_id",
        "coupon_id",
        "follow_up_step",
        unique=True,
        postgresql_where=text("coupon_id IS NOT NULL"),
    ),
    CheckConstraint("(coupon_id IS NULL) = (campaign_id IS NULL)", name="campaign_id"),
    CheckConstraint(
        "follow_up_step BETWEEN 0 AND 10 AND (follow_up_step > 0 OR NOT outlives_use)", name="follow_up_step"
    ),
    one_of("channel", "push", "email", "sms", "line", "voice", "messenger"),
    one_of("lane", "urgent", "bulk"),
    one_of(
        "state",
        "pending",
        "sending",
        "retryable",
        "deferred",
        "refused",
        "sent",
        "failed",
        "expired",
        "dropped",
        "unknown",
    ),
    CheckConstraint(
        "CASE WHEN channel <> 'push' THEN device_id IS NULL AND (payload IS NULL OR coupon_id IS NOT NULL)"
        " ELSE state = 'dropped' OR (device_id IS NOT NULL AND payload IS NOT NULL) END",
        name="device_id",
    ),
    # What is over keeps neither address nor words: it may hold a code. What failed of a coupon may be sent again.
    CheckConstraint(
        "CASE WHEN channel = 'push' THEN sealed_message IS NULL"
        " WHEN state IN ('sent', 'dropped', 'unknown') THEN sealed_message IS NULL AND payload IS NULL"
        " WHEN state = 'refused' THEN sealed_message IS NULL"  # of a text that was sent first, the words are gone
        " WHEN state IN ('failed', 'expired') THEN coupon_id IS NOT NULL OR sealed_message IS NULL"
        " ELSE num_nonnulls(sealed_message, payload) = 1 END",
        name="sealed_message",
    ),
    # A push may come twice, and nobody sees the second: it is tried again.
    CheckConstraint("state <> 'unknown' OR channel <> 'push'", name="unknown"),
    # What a phone has is neither dropped nor failed.
    CheckConstraint(
        "reached_device_ids IS NULL OR (channel = 'push' AND state IN ('retryable', 'sending', 'sent'))",
        name="reached_device_ids",
    ),
    CheckConstraint("state <> 'dropped' OR failure IS NOT NULL", name="failure"),
    CheckConstraint("dismissed_at IS NULL OR state IN ('failed', 'expired')", name="dismissed_at"),
    CheckConstraint(
        "counted_on IS NULL OR state IN ('pending', 'sending', 'retryable', 'refused', 'sent', 'unknown')",
        name="counted_on",
    ),
    # On its way from one channel to the next: of a coupon, and a channel is known that it has left.
    CheckConstraint(
        "state <> 'refused' OR (coupon_id IS NOT NULL AND refusals IS NOT NULL AND attempts_before = 0)", name="refused"
    ),
    CheckConstraint("jsonb_typeof(refusals) = 'array' AND refusals <> '[]'", name="refusals"),
    CheckConstraint("attempts_refused BETWEEN 0 AND attempts", name="attempts_refused"),
    CheckConstraint("deferrals >= 0", name="deferrals"),
    CheckConstraint("attempts >= attempts_before AND attempts_before >= 0", name="attempts"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    Index("outbox_due_idx", "queue", "next_attempt_at", postgresql_where=text("queue IS NOT NULL")),
    Index("outbox_dead_idx", "program_id", "id", postgresql_where=text("queue = 'dead'")),
    # Rows come in the order of time: a few pages tell where the old ones end.
    Index("outbox_created_idx", "created_at", postgresql_using="brin"),
    # By which a receipt finds what it speaks of. A push has none, and pays for neither.
    Index("outbox_receipt_idx", "id", postgresql_where=text("channel <> 'push'")),
    Index(
        "outbox_provider_idx",
        "provider_message_id",
        postgresql_where=text("channel <> 'push' AND provider_message_id IS NOT NULL"),
    ),
    postgresql_with={"fillfactor": "50"},  # room on its page for each row as it is leased: with 70, for half of them
)

# How many messages of a campaign came to what (outbox.tallies): what has been folded, and the changes since then, which
# are added in the transaction of what they count, so that no two wait for one row.
message_tallies = Table(
    "message_tallies",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("messages", BigInteger, nullable=False),
    PrimaryKeyConstraint("campaign_id", "channel", "measure"),
)

message_tally_changes = Table(
    "message_tally_changes",
    metadata,
    Column("id", BigInteger, Identity(), nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("change", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "campaign_id"),
)

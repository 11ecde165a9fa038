"""What campaigns made of what happened: a row a decision, kept for a month, and counts that stay (owner: coupons)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, id_column, metadata

# Without foreign keys: they would cost as much as the rows, which are dropped whole, a day at a time.
decisions = Table(
    "decisions",
    metadata,
    Column("member_id", Uuid, nullable=False),
    at_column("decided_at"),
    id_column(),
    Column("program_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("campaign_version", Integer, nullable=False),
    Column("trigger", Text, nullable=False),
    # What it was decided on: a transition, the evidence of a visit, a stamp card; null: it has no row of its own.
    Column("source", Text, nullable=False),
    Column("source_id", Uuid, nullable=True),
    Column("store_id", Uuid, nullable=True),
    at_column("event_at"),
    Column("outcome", Text, nullable=False),  # of coupons.issuing.rules
    Column("inputs", JSONB, nullable=True),  # what the rule read, as far as it tells why (coupons/issuing/inputs.py)
    Column("coupon_id", Uuid, nullable=True),
    Column("variant", Text, nullable=True),  # what was tried on the member; null: the campaign as it is
    PrimaryKeyConstraint("member_id", "decided_at", "id"),
    CheckConstraint("outcome <> ''", name="outcome"),
    CheckConstraint("(outcome = 'issued') = (coupon_id IS NOT NULL)", name="coupon_id"),
    CheckConstraint("jsonb_typeof(inputs) = 'object'", name="inputs"),
    Index(
        "decisions_of_campaign_idx",
        "campaign_id",
        "decided_at",
        postgresql_include=["outcome", "store_id"],
    ),
    postgresql_partition_by="RANGE (decided_at)",
)

# How often each outcome came of a campaign on a day (of UTC): of all that was decided before `counted_decisions.until`,
# and of what was erased since.
campaign_outcomes = Table(
    "campaign_outcomes",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("times", BigInteger, nullable=False),
    PrimaryKeyConstraint("campaign_id", "day", "outcome"),
    CheckConstraint("times > 0", name="times"),
)

# One row: who counts holds it, and who erases what is not counted yet.
counted_decisions = Table(
    "counted_decisions",
    metadata,
    Column("is_only", Boolean, primary_key=True, server_default=text("true")),
    at_column("until"),
    CheckConstraint("is_only", name="is_only"),
)

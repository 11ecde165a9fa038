"""What campaigns made of what happened: kept for a month, and counts that stay (owner: coupons)."""

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.schema.columns import at_column, id_column, metadata

# A row is one outcome of one event, and the campaigns that came to it: the lists are of the same ones, in order
# (docs/decisions/0132). No foreign keys: they would cost as much as the rows, which are dropped whole, a day at a time.
decisions = Table(
    "decisions",
    metadata,
    Column("member_id", Uuid, nullable=False),
    at_column("decided_at"),
    id_column(),
    Column("program_id", Uuid, nullable=False),
    Column("trigger", Text, nullable=False),
    # What it was decided on: a transition, the evidence of a visit, a stamp card; null: it has no row of its own.
    Column("source", Text, nullable=False),
    Column("source_id", Uuid, nullable=True),
    Column("store_id", Uuid, nullable=True),
    at_column("event_at"),
    Column("outcome", Text, nullable=False),  # of coupons.issuing.rules
    Column("campaign_ids", ARRAY(Uuid), nullable=False),
    Column("campaign_versions", ARRAY(Integer), nullable=False),
    # Of each what the rule read, as far as it tells why (coupons/issuing/inputs.py); null: of none anything.
    Column("inputs", JSONB, nullable=True),
    Column("coupon_ids", ARRAY(Uuid), nullable=True),
    # Of each what was tried on the member, null for the campaign as it is; null: nothing in any of them.
    Column("variants", ARRAY(Text), nullable=True),
    PrimaryKeyConstraint("member_id", "decided_at", "id"),
    CheckConstraint("outcome <> ''", name="outcome"),
    CheckConstraint(
        "cardinality(campaign_ids) > 0 AND array_position(campaign_ids, NULL) IS NULL", name="campaign_ids"
    ),
    CheckConstraint(
        "cardinality(campaign_versions) = cardinality(campaign_ids)"
        " AND array_position(campaign_versions, NULL) IS NULL",
        name="campaign_versions",
    ),
    CheckConstraint("(outcome = 'issued') = (coupon_ids IS NOT NULL)", name="issued"),
    CheckConstraint(
        "cardinality(coupon_ids) = cardinality(campaign_ids) AND array_position(coupon_ids, NULL) IS NULL",
        name="coupon_ids",
    ),
    CheckConstraint("cardinality(variants) = cardinality(campaign_ids)", name="variants"),
    CheckConstraint(
        "inputs IS NULL OR CASE jsonb_typeof(inputs) WHEN 'array' THEN"
        " jsonb_array_length(inputs) = cardinality(campaign_ids)"
        " AND NOT jsonb_path_exists(inputs, '$[*] ? (@.type() <> \"object\")') ELSE false END",
        name="inputs",
    ),
    # Of a program's reports each is of some time; the store and the outcome are looked at where they stand.
    Index("decisions_of_program_idx", "program_id", "decided_at", "store_id", "outcome"),
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

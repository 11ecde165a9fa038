"""Experiments: who is held out, the shares of variants, and to what each member was assigned."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, member_column, metadata, program_column

# A reference table: how many of a program's members get nothing of any campaign. No row: none.
program_holdouts = Table(
    "program_holdouts",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("percent", SmallInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    at_column("ended_at", nullable=True),  # since when it is 0
    CheckConstraint("percent BETWEEN 0 AND 50", name="percent"),
    CheckConstraint("octet_length(salt) = 16", name="salt"),
    CheckConstraint("(percent = 0) = (ended_at IS NOT NULL)", name="ended_at"),
)

# A reference table: one for each campaign that something is tried of, or was.
experiments = Table(
    "experiments",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), primary_key=True),
    program_column(),
    Column("salt", LargeBinary, nullable=False),
    Column("holdout_percent", SmallInteger, nullable=False),
    at_column("started_at"),
    at_column("ended_at", nullable=True),
    CheckConstraint("octet_length(salt) = 16", name="salt"),
    CheckConstraint("holdout_percent BETWEEN 0 AND 90", name="holdout_percent"),
    CheckConstraint("ended_at >= started_at", name="ended_at"),
    Index(None, "program_id"),
)

# Which places are whose, version after version, the last one now: what is to be expected of who was assigned by it.
splits = Table(
    "splits",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("experiments.campaign_id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("allocation", JSONB, nullable=False),  # [["holdout", 1000], ["a", 9000]]
    at_column("created_at"),
    PrimaryKeyConstraint("campaign_id", "version"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("jsonb_typeof(allocation) = 'array'", name="allocation"),
)

# What the variants of a campaign give now. A coupon refers to the row of `variant_offers`, which no change touches.
variants = Table(
    "variants",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("experiments.campaign_id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("share", SmallInteger, nullable=False),
    Column("offer", JSONB, nullable=True),  # null: the campaign's words
    Column("benefit", JSONB, nullable=True),  # null: the campaign's benefit
    Column("offer_version", Integer, nullable=True),
    PrimaryKeyConstraint("campaign_id", "code"),
    UniqueConstraint("campaign_id", "place"),
    CheckConstraint("code ~ '^[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?$'", name="code"),
    CheckConstraint("code NOT IN ('campaign', 'holdout', 'program_holdout')", name="reserved_code"),
    CheckConstraint("share BETWEEN 0 AND 1000", name="share"),
    CheckConstraint("(num_nonnulls(offer, benefit) > 0) = (offer_version IS NOT NULL)", name="offer_version"),
    ForeignKeyConstraint(["campaign_id", "offer_version"], ["variant_offers.campaign_id", "variant_offers.version"]),
)

# To what a member was assigned when they were first eligible. Written once: no change of a campaign moves them.
assignments = Table(
    "assignments",
    metadata,
    member_column(),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    program_column(),
    Column("version", Integer, nullable=False),  # of `splits`; 0: the campaign had no experiment
    Column("program_percent", SmallInteger, nullable=False),  # how many were held out of every campaign
    Column("arm", Text, nullable=False),  # a variant's code, or campaign, holdout, program_holdout
    at_column("first_eligible_at"),
    PrimaryKeyConstraint("member_id", "campaign_id"),
    CheckConstraint("version >= 0", name="version"),
    CheckConstraint("program_percent BETWEEN 0 AND 50", name="program_percent"),
    CheckConstraint(
        "CASE arm WHEN 'program_holdout' THEN program_percent > 0 WHEN 'campaign' THEN true ELSE version > 0 END",
        name="arm",
    ),
    Index(None, "campaign_id"),
)

# A reference table: since when nothing can be added to what came of a campaign. Its assignments go a while later.
closed_analyses = Table(
    "closed_analyses",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), primary_key=True),
    at_column("closed_at"),
)

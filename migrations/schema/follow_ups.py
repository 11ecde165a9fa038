"""What is to come after a coupon: the steps of its campaign, one after another (owner: coupons)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
)

from migrations.schema.columns import at_column, member_column, metadata, program_column

# One row as long as a step is to come, of the version that issued the coupon; when the last one was looked at it goes.
# What became of each step is a decision.
follow_ups = Table(
    "follow_ups",
    metadata,
    member_column(),
    Column("coupon_id", Uuid, nullable=False),
    program_column(),
    Column("campaign_id", Uuid, nullable=False),
    Column("campaign_version", Integer, nullable=False),
    Column("next_step", SmallInteger, nullable=False),  # from 0
    at_column("due_at"),
    PrimaryKeyConstraint("member_id", "coupon_id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    ForeignKeyConstraint(
        ["campaign_id", "campaign_version"], ["campaign_versions.campaign_id", "campaign_versions.version"]
    ),
    CheckConstraint("next_step BETWEEN 0 AND 9", name="next_step"),
    Index("follow_ups_due_idx", "campaign_id", "due_at"),
)

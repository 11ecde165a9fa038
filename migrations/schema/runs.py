"""Runs of campaigns that time or the staff start: how far each has come. Reference tables, of the package `coupons`.

They name no member but as the border of a range of ids.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, metadata, one_of, program_column

_OPEN = "state IN ('waiting', 'running')"

# One occasion of one campaign, for all members whom it may concern.
campaign_runs = Table(
    "campaign_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    # What it is run for: a local day or moment, or the id of a broadcast. The same is never run twice.
    Column("occasion", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Besides the campaign's own: only the members of this audience.
    Column("audience_id", Uuid, nullable=True),
    Column("audience_version", Integer, nullable=True),
    Column("speed", JSONB, nullable=False),  # coupons.campaigns.speeds.Speed, by its `kind`
    # A moment of each member's own clock, or the same time of the first day on which it is not before `not_before`;
    # null: everybody's, which is `due_at`.
    Column("local_at", DateTime(timezone=False), nullable=True),
    at_column("not_before", nullable=True),
    at_column("due_at"),
    Column("started_by", Text, nullable=True),  # the person of the staff; null: time did
    # So many members a second from `paced_from` on, beyond `paced_after`; null: as fast as it goes. Counted are those
    # who are walked past (spread over a time), or those who are decided on (so many an hour).
    Column("members_per_s", Float, nullable=True),
    Column("pace_counts", Text, nullable=True),
    at_column("paced_from", nullable=True),
    Column("paced_after", Integer, nullable=False, server_default="0"),
    at_column("created_at"),
    at_column("ended_at", nullable=True),
    UniqueConstraint("campaign_id", "occasion"),
    ForeignKeyConstraint(
        ["audience_id", "audience_version", "program_id"],
        ["audience_versions.audience_id", "audience_versions.version", "audience_versions.program_id"],
    ),
    CheckConstraint("length(occasion) BETWEEN 1 AND 100", name="occasion"),
    one_of("state", "waiting", "running", "stopped", "done"),
    CheckConstraint("num_nulls(audience_id, audience_version) IN (0, 2)", name="audience"),
    CheckConstraint(f"({_OPEN}) = (ended_at IS NULL)", name="ended_at"),
    CheckConstraint("not_before IS NULL OR local_at IS NOT NULL", name="not_before"),
    one_of("pace_counts", "walked", "decided"),
    CheckConstraint("num_nulls(members_per_s, pace_counts, paced_from) IN (0, 3)", name="pace"),
    CheckConstraint("members_per_s > 0 AND paced_after >= 0", name="members_per_s"),
    Index("campaign_runs_open_idx", "due_at", postgresql_where=text(_OPEN)),
)

# Who is at a part walks its members in the order of their ids; the batch and the part's new place are one transaction.
run_parts = Table(
    "run_parts",
    metadata,
    Column("run_id", Uuid, ForeignKey("campaign_runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    at_column("due_at"),
    # Of a moment of each member's own clock: those for whom it comes after this one (null: ever), up to `due_at`
    # (of the last wave: or later).
    at_column("after_at", nullable=True),
    Column("is_last_wave", Boolean, nullable=False),
    # The members whose ids lie behind this one (null: from the first), up to that (null: to the last).
    Column("after_member", Uuid, nullable=True),
    Column("until_member", Uuid, nullable=True),
    Column("cursor", Uuid, nullable=True),  # the last member who was looked at; null: none yet
    # How many there were when the run began, told in the first wave; null: nobody has counted.
    Column("members", Integer, nullable=True),
    Column("walked", Integer, nullable=False, server_default="0"),
    Column("decided", Integer, nullable=False, server_default="0"),  # of those walked, the ones in the audiences
    Column("outcomes", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # {outcome: members}
    at_column("lease_until", nullable=True),
    at_column("done_at", nullable=True),
    PrimaryKeyConstraint("run_id", "number"),
    CheckConstraint("number >= 0 AND members >= 0 AND decided BETWEEN 0 AND walked", name="counts"),
    CheckConstraint("jsonb_typeof(outcomes) = 'object'", name="outcomes"),
    CheckConstraint("after_at < due_at", name="after_at"),
    CheckConstraint("cursor > after_member AND after_member < until_member", name="range"),
    CheckConstraint("done_at IS NULL OR lease_until IS NULL", name="lease_until"),
    Index("run_parts_open_idx", "due_at", postgresql_where=text("done_at IS NULL")),
)

# Up to when a campaign has answered what happens to members one by one: joining, claiming, reaching a rank.
campaign_sweeps = Table(
    "campaign_sweeps",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), primary_key=True),
    at_column("swept_to"),
)

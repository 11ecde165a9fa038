"""Codes on paper: their batches, which a chain writes, and what became of single codes; of the package `coupons`."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from migrations.schema.columns import at_column, metadata, one_of, program_column

# The codes themselves are stored nowhere: they are derived (coupons.paper.paper_codes). A public one is a word, and
# no secret.
paper_code_batches = Table(
    "paper_code_batches",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("number", Integer, Identity(always=True), nullable=False),  # what a code carries of its batch
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size", Integer, nullable=True),  # how many codes, whose serials begin with 0
    Column("word", Text, nullable=True),  # the public code
    at_column("created_at"),
    at_column("withdrawn_at", nullable=True),
    UniqueConstraint("number"),
    UniqueConstraint("program_id", "word"),
    one_of("kind", "single", "public"),
    CheckConstraint("number BETWEEN 1 AND 1048575", name="number"),
    CheckConstraint("(kind = 'single') = (size IS NOT NULL) AND size BETWEEN 1 AND 1000000", name="size"),
    CheckConstraint("(kind = 'public') = (word IS NOT NULL) AND word ~ '^[A-Z0-9]{4,16}$'", name="word"),
    Index(None, "campaign_id"),
)

# A single code ends once: it becomes a coupon of a member, or it is cancelled. Unique across members, so its key has no
# member: the way of the table `handles`.
spent_paper_codes = Table(
    "spent_paper_codes",
    metadata,
    Column("batch_number", Integer, ForeignKey("paper_code_batches.number"), nullable=False),
    Column("serial", Integer, nullable=False),
    # Who claimed it; null again when they are erased. Their coupon has the code in its `period_key`.
    Column("member_id", Uuid, ForeignKey("members.member_id"), nullable=True),
    at_column("claimed_at", nullable=True),
    at_column("cancelled_at", nullable=True),
    PrimaryKeyConstraint("batch_number", "serial"),
    CheckConstraint("serial BETWEEN 0 AND 999999", name="serial"),
    CheckConstraint("num_nonnulls(claimed_at, cancelled_at) = 1", name="end"),
    CheckConstraint("member_id IS NULL OR claimed_at IS NOT NULL", name="member_id"),
    Index(None, "member_id", postgresql_where=text("member_id IS NOT NULL")),
)

"""Visits, the evidence on them, and what makes a visit.

Trust is a place in `visits.trust.TRUSTS`, from 0 (doubtful) to 5 (high).
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.schema.columns import at_column, id_column, metadata, one_of

# A reference table: what a program's owner sets. Where a program has no row, tills alone make visits.
visit_rules = Table(
    "visit_rules",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("by_store_qr", Boolean, nullable=False),
    Column("by_dwell", Boolean, nullable=False),
    Column("min_trust", SmallInteger, nullable=False),  # at which a visit earns points and stamps
    CheckConstraint("min_trust BETWEEN 0 AND 5", name="min_trust"),
)

visits = Table(
    "visits",
    metadata,
    # No foreign key to what is never deleted (docs/decisions/0118). Whoever writes here holds the member
    # (`hold_persons`, or a phone's lock), which is what a merge and an erasure wait for.
    Column("member_id", Uuid, nullable=False),
    Column("store_id", Uuid, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("program_id", Uuid, nullable=False),
    at_column("first_at"),
    # What its standing evidence comes to, and what it came to before the last change: PostgreSQL 15 cannot return the
    # former value by itself. Null: it was not there, or undone.
    Column("trust", SmallInteger, nullable=False, server_default="1"),
    Column("former_trust", SmallInteger, nullable=True),
    # Grows when what it earned is taken back: what it earns afterwards is posted under a key of its own.
    Column("earning_round", Integer, nullable=False, server_default="1"),
    at_column("undone_at", nullable=True),  # no evidence stands any more
    PrimaryKeyConstraint("member_id", "store_id", "business_day"),
    CheckConstraint("trust BETWEEN 0 AND 5 AND former_trust BETWEEN 0 AND 5", name="trust"),
    CheckConstraint("earning_round >= 1", name="earning_round"),
    # There are few, so that a look-up of all others stays one in the primary key alone.
    Index(
        "visits_undone_idx",
        "member_id",
        "store_id",
        "business_day",
        postgresql_where=text("undone_at IS NOT NULL"),
    ),
)

# Written behind its visit, whose row is locked, and erased before it (docs/decisions/0118).
visit_evidence = Table(
    "visit_evidence",
    metadata,
    Column("member_id", Uuid, nullable=False),
    id_column(),
    Column("store_id", Uuid, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    # A till's scan, or what a phone of the member showed.
    Column("till_id", Uuid, nullable=True),
    Column("device_id", Uuid, nullable=True),
    Column("trust", SmallInteger, nullable=False, server_default="1"),
    Column("doubts", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("coupon_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    at_column("at"),
    at_column("undone_at", nullable=True),
    Column("undo_result", JSONB, nullable=True),  # what came of the undo: the answer to its repetition
    PrimaryKeyConstraint("member_id", "id"),
    one_of("kind", "card_number", "rotating_code", "totp_code", "store_qr", "rotating_store_qr", "dwell"),
    CheckConstraint("num_nonnulls(till_id, device_id) = 1", name="source"),
    CheckConstraint(
        "(device_id IS NOT NULL) = (kind IN ('store_qr', 'rotating_store_qr', 'dwell'))", name="source_kind"
    ),
    # Where somebody stood can be made up by their phone: a scan at a till stays above it.
    CheckConstraint("trust BETWEEN 0 AND 5 AND (device_id IS NULL OR trust < 5)", name="trust"),
    CheckConstraint("doubts <@ ARRAY['mocked', 'jump', 'impossible_travel']", name="doubts"),
    CheckConstraint("num_nulls(undone_at, undo_result) IN (0, 2)", name="undone"),
    CheckConstraint("undone_at IS NULL OR till_id IS NOT NULL", name="undone_by"),
    Index(None, "store_id", "id"),
    # What a phone shows again and again that day adds nothing.
    Index(
        "visit_evidence_shown_key",
        "member_id",
        "store_id",
        "business_day",
        "kind",
        "trust",
        unique=True,
        postgresql_where=text("device_id IS NOT NULL"),
    ),
)

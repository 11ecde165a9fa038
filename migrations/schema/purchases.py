"""Purchases, refunds, and the receipts that count once."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

purchases = Table(
    "purchases",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    Column("scan_id", Uuid, nullable=True),  # of the scan that it was reported with: undone with it
    Column("receipt", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    Column("items", JSONB, nullable=False),
    at_column("purchased_at"),
    PrimaryKeyConstraint("member_id", "id"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("refunded BETWEEN 0 AND amount", name="refunded"),
    CheckConstraint("jsonb_typeof(items) = 'array'", name="items"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("member_id", Uuid, nullable=False),
    id_column(),
    Column("purchase_id", Uuid, nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    at_column("refunded_at"),
    PrimaryKeyConstraint("member_id", "id"),
    ForeignKeyConstraint(["member_id", "purchase_id"], ["purchases.member_id", "purchases.id"]),
    CheckConstraint("amount > 0", name="amount"),
)

# As `handles`, for receipts: what is unique at a store and finds its member. Only a keyed hash is the key.
receipts = Table(
    "receipts",
    metadata,
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("receipt_hash", LargeBinary, nullable=False),
    member_column(),
    Column("source_id", Uuid, nullable=False),  # of the purchase, refund or spending
    PrimaryKeyConstraint("store_id", "kind", "receipt_hash"),
    one_of("kind", "purchase", "refund", "spend"),
    Index(None, "member_id"),
)

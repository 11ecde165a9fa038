"""Purchases, refunds, spent points, and the receipts that they hold.

What stands holds its receipt, and what was taken back holds nothing: a receipt that is held refers to the `standing_id`
of its purchase or spending, which is null as soon as all of it was taken back. A flow may write the two in any order:
PostgreSQL looks at the commit.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

# In the words in which PostgreSQL gives it back: they are compared.
_STANDING = "CASE WHEN {} THEN id ELSE NULL::uuid END"

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
    # How much of it came back without its lines: which articles the member has kept is unknown of so much.
    Column("refunded_untold", BigInteger, nullable=False, server_default="0"),
    Column("items", JSONB, nullable=False),
    at_column("purchased_at"),
    at_column("fully_refunded_at", nullable=True),  # not told by the amounts: a free item comes to 0
    Column("standing_id", Uuid, Computed(_STANDING.format("fully_refunded_at IS NULL"), persisted=True)),
    PrimaryKeyConstraint("member_id", "id"),
    UniqueConstraint("member_id", "standing_id"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("refunded BETWEEN 0 AND amount", name="refunded"),
    CheckConstraint("refunded_untold BETWEEN 0 AND refunded", name="refunded_untold"),
    CheckConstraint(
        "CASE WHEN fully_refunded_at IS NULL THEN refunded < amount OR amount = 0 ELSE refunded = amount END",
        name="fully_refunded_at",
    ),
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
    CheckConstraint("amount >= 0", name="amount"),
)

# Points that were spent at a till: the posting says what they did to the balance, this how many are still spent.
spends = Table(
    "spends",
    metadata,
    member_column(),
    id_column(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("voided", BigInteger, nullable=False, server_default="0"),
    at_column("spent_at"),
    Column("standing_id", Uuid, Computed(_STANDING.format("voided < points"), persisted=True)),
    PrimaryKeyConstraint("member_id", "id"),
    UniqueConstraint("member_id", "standing_id"),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint("voided BETWEEN 0 AND points", name="voided"),
)

# The bill of a receipt under which something stands: the members who share it come to no more than its amount. Nobody
# holds it any more: it is gone, and the number is free.
bills = Table(
    "bills",
    metadata,
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("receipt_hash", LargeBinary, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),  # what stands of its purchases
    Column("holders", Integer, nullable=False),  # how many purchases stand
    PrimaryKeyConstraint("store_id", "receipt_hash"),
    CheckConstraint("held BETWEEN 0 AND amount", name="held"),
    CheckConstraint("holders > 0", name="holders"),
)

_HELD = "released_at IS NULL"


def _of_held(kind: str, column: str) -> Computed:
    """Null for another kind, and for what was released: then it refers to nothing."""
    type_name = "bytea" if column == "receipt_hash" else "uuid"
    return Computed(
        f"CASE WHEN kind = '{kind}'::text AND {_HELD} THEN {column} ELSE NULL::{type_name} END", persisted=True
    )


# As `handles`, for receipts: what is unique at a store and finds its members. Only a keyed hash is the key. A row that
# was released stays, so that a till which repeats itself reads that there is nothing left to take back.
receipts = Table(
    "receipts",
    metadata,
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("receipt_hash", LargeBinary, nullable=False),
    member_column(),
    Column("source_id", Uuid, nullable=False),  # of the purchase, refund or spending
    at_column("released_at", nullable=True),  # when what it stands for had been taken back
    Column("bill_hash", LargeBinary, _of_held("purchase", "receipt_hash")),
    Column("purchase_id", Uuid, _of_held("purchase", "source_id")),
    Column("spend_id", Uuid, _of_held("spend", "source_id")),
    PrimaryKeyConstraint("store_id", "kind", "receipt_hash", "member_id", "source_id"),
    one_of("kind", "purchase", "refund", "spend"),
    CheckConstraint(f"{_HELD} OR kind <> 'refund'", name="released_at"),
    ForeignKeyConstraint(
        ["store_id", "bill_hash"], ["bills.store_id", "bills.receipt_hash"], deferrable=True, initially="DEFERRED"
    ),
    ForeignKeyConstraint(
        ["member_id", "purchase_id"],
        ["purchases.member_id", "purchases.standing_id"],
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["member_id", "spend_id"], ["spends.member_id", "spends.standing_id"], deferrable=True, initially="DEFERRED"
    ),
    Index(
        "receipts_held_idx",
        "store_id",
        "kind",
        "receipt_hash",
        "member_id",
        unique=True,
        postgresql_where=text(_HELD),
    ),
    Index(None, "member_id"),
)

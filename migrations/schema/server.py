"""The answers that are kept for requests that are repeated, the root of all keys, and whom the schema serves."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.schema.columns import at_column, metadata

idempotency_records = Table(
    "idempotency_records",
    metadata,
    Column("principal", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    # Sealed with a key that only the presenter of the Idempotency-Key can complete: answers may carry tokens.
    Column("sealed_answer", LargeBinary, nullable=False),
    # Whom the request or its answer names: their erasure takes the record along.
    Column("member_ids", ARRAY(Uuid), nullable=False),
    at_column("created_at"),
    PrimaryKeyConstraint("principal", "key_hash"),
    Index(None, "created_at"),
    Index(None, "member_ids", postgresql_using="gin"),
)

root_secrets = Table(
    "root_secrets",
    metadata,
    # Of the operator's key, which is not stored; every row holds the same root.
    Column("key_id", LargeBinary, nullable=False),
    Column("sealed_root", LargeBinary, nullable=False),
    at_column("created_at"),
    PrimaryKeyConstraint("key_id"),
    CheckConstraint("octet_length(key_id) = 8", name="key_id"),
)

# Which revisions of the code may run on this schema: each migration adds its own, and takes away those that it ends.
served_revisions = Table("served_revisions", metadata, Column("revision", Text, primary_key=True))

# How long phones wait for their uploads now, as each process last told: who has work that can wait looks here.
pulses = Table(
    "pulses",
    metadata,
    Column("process_id", Uuid, primary_key=True),
    Column("posts", Integer, nullable=False),
    Column("p99_ms", Float, nullable=False),
    at_column("measured_at"),
    CheckConstraint("posts > 0 AND p99_ms >= 0", name="posts"),
)

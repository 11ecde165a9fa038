"""What an erasure leaves for a while: serials that tills must still refuse, and what is to be wiped once more."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from migrations.columns import at_column, metadata, program_column

# Of erased members: a till without a line knows a code's serial and not that its member is gone. No member stands here.
revoked_serials = Table(
    "revoked_serials",
    metadata,
    program_column(),
    Column("serial", LargeBinary, nullable=False),
    at_column("revoked_at"),
    Column("revocation_sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("program_id", "serial"),
    CheckConstraint("octet_length(serial) = 16", name="serial"),
    Index(None, "revoked_at"),
)

# Members whose data is wiped again at `due_at`, when every transaction that was under way has long ended.
erasures = Table(
    "erasures",
    metadata,
    Column("member_id", Uuid, ForeignKey("members.member_id"), nullable=False),
    at_column("due_at"),
    PrimaryKeyConstraint("member_id"),
    Index(None, "due_at"),
)

PERSONAL_TABLES = (revoked_serials, erasures)

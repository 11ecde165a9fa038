"""Card codes: who signs, which phones' keys are good, which codes were used. Imported by `migrations.tables`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    text,
)

from migrations.columns import at_column, id_column, member_column, metadata, one_of, program_column

card_signing_keys = Table(
    "card_signing_keys",
    metadata,
    program_column(),
    Column("key_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    at_column("created_at"),
    at_column("signs_from"),
    at_column("revoked_at", nullable=True),
    PrimaryKeyConstraint("program_id", "key_id"),
    CheckConstraint("octet_length(key_id) = 2 AND octet_length(public_key) = 32", name="lengths"),
)

# The row lock until the commit orders a program's revocations by their number: a till that has read up to one misses
# none below it.
card_revocation_counters = Table(
    "card_revocation_counters",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

card_keys = Table(
    "card_keys",
    metadata,
    member_column(),
    Column("serial", LargeBinary, nullable=False),
    program_column(),
    Column("device_id", Uuid, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    at_column("registered_at"),
    at_column("revoked_at", nullable=True),
    Column("revocation_cause", Text, nullable=True),
    Column("revocation_sequence", BigInteger, nullable=True),
    # Of the newest code with which its member has proved themselves to us; a till's uses are in `code_uses`.
    Column("proved_step", BigInteger, nullable=True),
    PrimaryKeyConstraint("member_id", "serial"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    CheckConstraint("octet_length(serial) = 16 AND octet_length(public_key) = 33", name="lengths"),
    CheckConstraint(
        "num_nulls(revoked_at, revocation_cause, revocation_sequence) IN (0, 3)",
        name="revoked",
    ),
    one_of("revocation_cause", "replaced", "lost", "signed_out", "blocked", "closed"),
    # A card is on one phone at a time.
    Index("card_keys_live_key", "member_id", unique=True, postgresql_where=text("revoked_at IS NULL")),
    Index(None, "program_id", "revocation_sequence", postgresql_where=text("revoked_at IS NOT NULL")),
)

totp_passes = Table(
    "totp_passes",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("kind", Text, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    at_column("created_at"),
    at_column("revoked_at", nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("kind", "app", "google_wallet"),
    Index("totp_passes_live_key", "member_id", "kind", unique=True, postgresql_where=text("revoked_at IS NULL")),
)

code_uses = Table(
    "code_uses",
    metadata,
    member_column(),
    Column("serial", LargeBinary, nullable=False),  # of a phone's key, or the id of a TOTP pass
    Column("step", BigInteger, nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    at_column("at"),
    at_column("reported_at"),
    Column("is_offline", Boolean, nullable=False),
    Column("is_counted", Boolean, nullable=False),
    PrimaryKeyConstraint("member_id", "serial", "step", "till_id"),
    # A code counts once, whichever till reports it first; what others report later is kept beside it.
    Index("code_uses_counted_key", "member_id", "serial", "step", unique=True, postgresql_where=text("is_counted")),
    Index(None, "reported_at"),
)

CARD_TABLES = (card_signing_keys, card_revocation_counters, card_keys, totp_passes, code_uses)

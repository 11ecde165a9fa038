"""Cards: their numbers, who signs their codes, which phones' keys are good, which codes were used, wallet passes."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

_NIL = str(UUID(int=0))

cards = Table(
    "cards",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("number", Text, nullable=False),
    Column("state", Text, nullable=False),
    at_column("issued_at"),
    PrimaryKeyConstraint("member_id"),  # one card a member; what a till reads of it changes with the card's keys
    UniqueConstraint("member_id", "number"),  # as the card's keys name it
    CheckConstraint("number ~ '^[0-9]{13}$'", name="number"),
    one_of("state", "active", "revoked"),
)

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
    # Of the card, which never changes its number: whoever judges a code need not look the card up.
    Column("card_number", Text, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    # The same point in full: whoever judges a code need not take a root.
    Column("expanded_key", LargeBinary, nullable=False),
    at_column("registered_at"),
    # From then on its codes prove the member to us; a till takes them at once.
    at_column("stands_at"),
    at_column("revoked_at", nullable=True),
    Column("revocation_cause", Text, nullable=True),
    Column("revocation_sequence", BigInteger, nullable=True),
    # SHA-256 of the newest certificate that we have signed for it, whose signature need not be judged again.
    Column("certificate_hash", LargeBinary, nullable=True),
    # Of the newest code with which its member has proved themselves to us; a till's uses are in `code_uses`.
    Column("proved_step", BigInteger, nullable=True),
    PrimaryKeyConstraint("member_id", "serial"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    ForeignKeyConstraint(["member_id", "card_number"], ["cards.member_id", "cards.number"]),
    CheckConstraint("octet_length(serial) = 16 AND octet_length(public_key) = 33", name="lengths"),
    CheckConstraint(
        "octet_length(expanded_key) = 65 AND get_byte(expanded_key, 0) = 4"
        " AND substr(expanded_key, 2, 32) = substr(public_key, 2)"
        " AND get_byte(public_key, 0) = 2 + (get_byte(expanded_key, 64) & 1)",
        name="expanded_key",
    ),
    CheckConstraint("octet_length(certificate_hash) = 32", name="certificate_hash"),
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

# Of a member who is held (`hold_persons`), at a till that has signed in: no foreign key (docs/decisions/0118).
code_uses = Table(
    "code_uses",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("serial", LargeBinary, nullable=False),  # of a phone's key, or the id of a TOTP pass
    Column("step", BigInteger, nullable=False),
    # A code counts once, whichever till reports it first; what others report later is kept beside it, each once. Nil:
    # the use that counts.
    Column("copy_till_id", Uuid, nullable=False, server_default=_NIL),
    Column("till_id", Uuid, nullable=False),
    Column("store_id", Uuid, nullable=False),
    at_column("at"),
    at_column("reported_at"),
    Column("is_offline", Boolean, nullable=False),
    Column("is_counted", Boolean, Computed(f"copy_till_id = '{_NIL}'", persisted=True), nullable=False),
    PrimaryKeyConstraint("member_id", "serial", "step", "copy_till_id"),
    CheckConstraint(f"copy_till_id IN (till_id, '{_NIL}')", name="copy_till_id"),
    # Rows come in its order, so a summary of each stretch is enough to find the old ones.
    Index(None, "reported_at", postgresql_using="brin"),
)

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

# A pass is one app installation's; it has a row for as long as a phone's wallet is registered for it.
apple_passes = Table(
    "apple_passes",
    metadata,
    member_column(),
    Column("device_id", Uuid, nullable=False),
    program_column(),
    Column("fingerprint", LargeBinary, nullable=False),  # of what it shows
    at_column("changed_at"),
    # A phone was given what `fingerprint` does not say, before the sweep found it: the next sweep makes a change of it.
    Column("has_unswept_version", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("member_id", "device_id"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint"),
)

apple_registrations = Table(
    "apple_registrations",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    # Keyed: who knows what Apple calls a phone's library may ask which passes are in it.
    Column("device_library_hash", LargeBinary, nullable=False),
    Column("sealed_push_token", LargeBinary, nullable=False),
    at_column("registered_at"),
    at_column("due_at", nullable=True),  # when to push; null: the phone has been told of the newest change
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("member_id", "device_id", "device_library_hash"),
    ForeignKeyConstraint(["member_id", "device_id"], ["apple_passes.member_id", "apple_passes.device_id"]),
    CheckConstraint("octet_length(device_library_hash) = 32", name="device_library_hash"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "device_library_hash"),
    Index("apple_registrations_due_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)

# A program's loyalty class: how its card looks in Google Wallet. `synced_hash` is of what Google has last taken.
google_classes = Table(
    "google_classes",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("logo_url", Text, nullable=False),
    Column("background_color", Text, nullable=True),
    Column("synced_hash", LargeBinary, nullable=True),
    at_column("changed_at"),
    CheckConstraint("logo_url ~ '^https://' AND length(logo_url) <= 500", name="logo_url"),
    CheckConstraint("background_color ~ '^#[0-9a-f]{6}$'", name="background_color"),
    CheckConstraint("octet_length(synced_hash) = 32", name="synced_hash"),
)

# A live loyalty object: one a member. The worker looks now and then whether what it shows has changed.
google_passes = Table(
    "google_passes",
    metadata,
    member_column(),
    Column("pass_id", Uuid, nullable=False),
    program_column(),
    Column("synced_hash", LargeBinary, nullable=True),
    at_column("next_poll_at"),
    at_column("lease_until", nullable=True),
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    at_column("created_at"),
    PrimaryKeyConstraint("member_id"),
    ForeignKeyConstraint(["member_id", "pass_id"], ["totp_passes.member_id", "totp_passes.id"]),
    CheckConstraint("octet_length(synced_hash) = 32", name="synced_hash"),
    CheckConstraint("failures >= 0", name="failures"),
    Index(None, "next_poll_at"),
)

# Objects that are over, until Google knows. They name nobody: an ending outlives the erasure of its member.
google_endings = Table(
    "google_endings",
    metadata,
    Column("pass_id", Uuid, primary_key=True),
    at_column("ended_at"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    CheckConstraint("failures >= 0", name="failures"),
    Index(None, "next_attempt_at"),
)

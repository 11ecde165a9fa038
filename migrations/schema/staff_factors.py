"""How staff come in besides by a password: links that are good once, authenticators, passkeys. Of `programs`."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from migrations.schema.columns import at_column, metadata, one_of

# An invitation sets the first password; a sign-in link, which the operator makes, opens a session. One of each at most.
staff_links = Table(
    "staff_links",
    metadata,
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    at_column("created_at"),
    at_column("expires_at"),
    PrimaryKeyConstraint("staff_id", "purpose"),
    one_of("purpose", "invitation", "sign_in"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "token_hash", unique=True),
    Index(None, "expires_at"),
)

# An authenticator app (RFC 6238). It counts once a code of it has been shown; `last_step`: no code of it, or of one
# before, is good again.
staff_authenticators = Table(
    "staff_authenticators",
    metadata,
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    at_column("created_at"),
    at_column("confirmed_at", nullable=True),
    PrimaryKeyConstraint("staff_id"),
)

# For who has lost the authenticator. A code that was used is gone.
staff_recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("staff_id", "code_hash"),
)

# WebAuthn credentials.
staff_passkeys = Table(
    "staff_passkeys",
    metadata,
    Column("credential_id", LargeBinary, nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    at_column("created_at"),
    at_column("used_at", nullable=True),
    PrimaryKeyConstraint("credential_id"),
    CheckConstraint("octet_length(credential_id) BETWEEN 1 AND 1023", name="credential_id"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
    CheckConstraint("sign_count >= 0", name="sign_count"),
    Index(None, "staff_id"),
)

# What a browser or a client of the API has begun: a log-in whose password was right, and the challenges of passkeys.
# Without a person: a passkey tells who it is.
staff_challenges = Table(
    "staff_challenges",
    metadata,
    Column("token_hash", LargeBinary, nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=True),
    Column("purpose", Text, nullable=False),
    Column("challenge", LargeBinary, nullable=False),
    Column("failed", SmallInteger, nullable=False, server_default="0"),
    at_column("created_at"),
    at_column("expires_at"),
    PrimaryKeyConstraint("token_hash"),
    one_of("purpose", "second_factor", "passkey_sign_in", "passkey_registration"),
    CheckConstraint("(staff_id IS NULL) = (purpose = 'passkey_sign_in')", name="staff_id"),
    CheckConstraint("failed BETWEEN 0 AND 5", name="failed"),
    Index(None, "staff_id", "created_at"),
    Index(None, "expires_at"),
)

"""Facebook Messenger: a program's page, and the members who write to it.

What a page knows a person by means somebody only to that page; it is looked up by a keyed hash and kept sealed.
"""

from sqlalchemy import (
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

from migrations.schema.columns import at_column, member_column, metadata, program_column

messenger_pages = Table(
    "messenger_pages",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("page_id", Text, nullable=False),
    # App secret, page access token and the word that Meta shows once.
    Column("sealed_credentials", LargeBinary, nullable=False),
    at_column("changed_at"),
    CheckConstraint("page_id ~ '^[0-9]{1,20}$'", name="page_id"),
)

messenger_links = Table(
    "messenger_links",
    metadata,
    member_column(),
    program_column(),
    Column("user_hash", LargeBinary, nullable=False),
    Column("sealed_user_id", LargeBinary, nullable=False),
    at_column("linked_at"),
    # When they wrote last: Meta takes an answer for 24 hours.
    at_column("last_wrote_at"),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("octet_length(user_hash) = 32", name="user_hash"),
)

# Finds the member of a person, and keeps a person from being two members.
messenger_accounts = Table(
    "messenger_accounts",
    metadata,
    program_column(),
    Column("user_hash", LargeBinary, nullable=False),
    Column("member_id", Uuid, nullable=False),
    PrimaryKeyConstraint("program_id", "user_hash"),
    ForeignKeyConstraint(["member_id"], ["messenger_links.member_id"], ondelete="CASCADE"),
    Index(None, "member_id"),
)

# A member's link under way: the address that opens Messenger brings the nonce back with the person's first message.
messenger_nonces = Table(
    "messenger_nonces",
    metadata,
    member_column(),
    program_column(),
    Column("nonce_hash", LargeBinary, nullable=False),
    at_column("expires_at"),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("octet_length(nonce_hash) = 32", name="nonce_hash"),
    Index(None, "program_id", "nonce_hash"),
)

"""E-mail of campaigns: which addresses get none, and who has yet to confirm that they want it."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from migrations.schema.columns import at_column, member_column, metadata, one_of, program_column

# By a keyed hash of the address, as `handles` has it.
email_suppressions = Table(
    "email_suppressions",
    metadata,
    member_column(),
    Column("value_hash", LargeBinary, nullable=False),
    program_column(),
    Column("reason", Text, nullable=False),
    at_column("at"),
    PrimaryKeyConstraint("member_id", "value_hash", "reason"),
    one_of("reason", "bounced", "complained", "unsubscribed", "staff"),
)

# Who said yes to e-mail where the program asks once more by e-mail: it counts when they follow the link.
email_opt_ins = Table(
    "email_opt_ins",
    metadata,
    member_column(),
    program_column(),
    Column("text_version", Text, nullable=False),
    at_column("asked_at"),
    # When the e-mail went out; null: they have no address yet.
    at_column("sent_at", nullable=True),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("sent_at >= asked_at", name="sent_at"),
    Index(None, "asked_at"),
)

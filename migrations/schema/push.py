"""How many messages members and programs have been sent."""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Date, PrimaryKeyConstraint, Table

from migrations.schema.columns import member_column, metadata, program_column

# On which days a member was sent messages, each day as often as that; of the last seven days. One row a member, so that
# two transactions cannot both take the last place.
message_counts = Table(
    "message_counts",
    metadata,
    member_column(),
    Column("days", ARRAY(Date), nullable=False),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("cardinality(days) <= 400", name="days"),  # two members' who became one
)

# How many messages of a program's quota a day has taken.
message_quotas = Table(
    "message_quotas",
    metadata,
    program_column(),
    Column("day", Date, nullable=False),
    Column("used", BigInteger, nullable=False),
    PrimaryKeyConstraint("program_id", "day"),
    CheckConstraint("used >= 0", name="used"),
)

"""Points, stamps and ranks."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kit.codes import PATTERN as CODE_PATTERN
from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

_CODE_PATTERN = f"code ~ '{CODE_PATTERN}'"

point_rules = Table(
    "point_rules",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("currency", Text, nullable=False),  # of all amounts of the program: ISO 4217, in its minor units
    Column("amount_step", BigInteger, nullable=False),  # each whole step of a purchase's amount earns step_points
    Column("step_points", BigInteger, nullable=False),
    Column("visit_points", BigInteger, nullable=False),
    Column("valid_days", Integer, nullable=True),  # null: points never expire
    Column("time_zone", Text, nullable=False),  # in which the days of expiry end
    at_column("changed_at"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("amount_step > 0 AND step_points >= 0 AND visit_points >= 0", name="points"),
    CheckConstraint("valid_days BETWEEN 1 AND 3650", name="valid_days"),
)

stamp_cards = Table(
    "stamp_cards",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("code", Text, nullable=False),
    Column("name", JSONB, nullable=False),  # {"ja": …, "en": …}
    Column("source", Text, nullable=False),
    Column("min_amount", BigInteger, nullable=False),  # a smaller purchase earns no stamp
    Column("stamps_needed", Integer, nullable=False),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=True),  # grants the reward; null: the card itself
    at_column("created_at"),
    at_column("ended_at", nullable=True),
    UniqueConstraint("program_id", "code"),
    one_of("source", "visit", "purchase"),
    CheckConstraint(_CODE_PATTERN, name="code"),
    CheckConstraint("stamps_needed BETWEEN 1 AND 100 AND min_amount >= 0", name="stamps_needed"),
)

rank_rules = Table(
    "rank_rules",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("measure", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("rolling_days", Integer, nullable=True),
    Column("time_zone", Text, nullable=False),
    # Bumped by every change: the worker finds by it whom to judge anew.
    Column("version", BigInteger, nullable=False),
    at_column("changed_at"),
    one_of("measure", "points", "visits", "spend"),
    one_of("period", "year", "month", "rolling"),
    CheckConstraint("(period = 'rolling') = (rolling_days IS NOT NULL)", name="rolling"),
    CheckConstraint("rolling_days BETWEEN 1 AND 3650", name="rolling_days"),
)

ranks = Table(
    "ranks",
    metadata,
    Column("program_id", Uuid, ForeignKey("rank_rules.program_id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("threshold", BigInteger, nullable=False),
    PrimaryKeyConstraint("program_id", "code"),
    UniqueConstraint("program_id", "threshold"),
    CheckConstraint(_CODE_PATTERN, name="code"),
    CheckConstraint("threshold >= 0", name="threshold"),
)

# No foreign key to the member, who is never deleted: it asked only for an account that is opened, and whoever posts on
# one that is there holds the member too (docs/decisions/0133).
point_accounts = Table(
    "point_accounts",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("program_id", Uuid, nullable=False),
    # The sum of the lots' rest, and of the postings' points: `./run admin check-points` compares.
    Column("balance", BigInteger, nullable=False, server_default="0"),
    # What a refund should have taken back and could not, because it was spent: the next points that come settle it.
    Column("owed", BigInteger, nullable=False, server_default="0"),
    at_column("next_expiry_at", nullable=True),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("balance >= 0", name="balance"),
    CheckConstraint("owed >= 0 AND (owed = 0 OR balance = 0)", name="owed"),
    Index(None, "next_expiry_at", postgresql_where=text("next_expiry_at IS NOT NULL")),
    postgresql_with={"fillfactor": "70"},
)

# Lots and postings name an account, a program and a store without a foreign key: an account is opened before, and none
# of them is ever deleted (docs/decisions/0118).
point_lots = Table(
    "point_lots",
    metadata,
    Column("member_id", Uuid, nullable=False),
    # Points that expire at the same moment are one lot; 9999-01-01 UTC stands for never.
    at_column("expires_at"),
    Column("remaining", BigInteger, nullable=False),
    PrimaryKeyConstraint("member_id", "expires_at"),
    CheckConstraint("remaining > 0", name="remaining"),
)

point_postings = Table(
    "point_postings",
    metadata,
    Column("member_id", Uuid, nullable=False),
    id_column(),
    Column("program_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("points", BigInteger, nullable=False),  # what it did to the balance
    Column("owed_change", BigInteger, nullable=False),  # what it did to what is owed
    Column("balance_after", BigInteger, nullable=False),
    Column("lots", JSONB, nullable=False),  # [[expires_at, points]]: what it did to which lots
    Column("cause", Text, nullable=False),
    Column("source_key", Text, nullable=False),  # what it is posted for: posted once
    Column("reverses", Uuid, nullable=True),
    Column("store_id", Uuid, nullable=True),
    Column("actor", Text, nullable=True),  # the till or the person of the staff
    Column("reason", Text, nullable=True),
    at_column("at"),
    PrimaryKeyConstraint("member_id", "id"),
    UniqueConstraint("member_id", "source_key"),
    ForeignKeyConstraint(["member_id", "reverses"], ["point_postings.member_id", "point_postings.id"]),
    one_of("kind", "earn", "spend", "expire", "adjust", "reverse", "move"),
    one_of(
        "cause",
        "visit",
        "purchase",
        "refund",
        "till",
        "void",
        "expiry",
        "staff",
        "merge",
        "erasure",
        "undo",
        "import",
        "coupon",
    ),
    CheckConstraint("points <> 0 OR owed_change <> 0", name="points"),
    CheckConstraint("balance_after >= 0", name="balance_after"),
    CheckConstraint("kind <> 'spend' OR points < 0", name="spend"),
    CheckConstraint("kind <> 'expire' OR points < 0", name="expire"),
    CheckConstraint("(kind = 'reverse') = (reverses IS NOT NULL)", name="reverses"),
    CheckConstraint("(kind = 'adjust') = (reason IS NOT NULL)", name="reason"),
)

stamps = Table(
    "stamps",
    metadata,
    member_column(),
    Column("stamp_card_id", Uuid, ForeignKey("stamp_cards.id"), nullable=False),
    Column("source_key", Text, nullable=False),
    at_column("at"),
    at_column("revoked_at", nullable=True),
    PrimaryKeyConstraint("member_id", "stamp_card_id", "source_key"),
)

stamp_completions = Table(
    "stamp_completions",
    metadata,
    member_column(),
    Column("stamp_card_id", Uuid, ForeignKey("stamp_cards.id"), nullable=False),
    Column("round", Integer, nullable=False),
    at_column("completed_at"),
    Column("decision", Text, nullable=False),  # what the reward's campaign made of it; `card` where there is none
    Column("coupon_id", Uuid, nullable=True),
    PrimaryKeyConstraint("member_id", "stamp_card_id", "round"),
    CheckConstraint("round > 0", name="round"),
    CheckConstraint("(decision = 'issued') = (coupon_id IS NOT NULL)", name="coupon_id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
)

member_ranks = Table(
    "member_ranks",
    metadata,
    member_column(),
    program_column(),
    Column("rank_code", Text, nullable=True),  # null: below the lowest
    at_column("since"),
    at_column("valid_until", nullable=True),  # when to judge anew if nothing happens
    Column("rules_version", BigInteger, nullable=False),
    PrimaryKeyConstraint("member_id"),
    Index(None, "valid_until", postgresql_where=text("valid_until IS NOT NULL")),
    Index(None, "program_id", "rules_version"),
)

# A rank that a member brought along from before: they have at least this one until then, whatever they gather here.
brought_ranks = Table(
    "brought_ranks",
    metadata,
    member_column(),
    Column("rank_code", Text, nullable=False),
    at_column("until"),
    PrimaryKeyConstraint("member_id"),
)

rank_changes = Table(
    "rank_changes",
    metadata,
    member_column(),
    id_column(),
    Column("former_rank_code", Text, nullable=True),
    Column("rank_code", Text, nullable=True),
    at_column("at"),
    PrimaryKeyConstraint("member_id", "id"),
    CheckConstraint("former_rank_code IS DISTINCT FROM rank_code", name="rank_code"),
    Index(None, "at"),
)

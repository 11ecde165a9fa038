"""Who members are: what a program wants to know of them, and what it knows. The package `members` owns these tables."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, member_column, metadata, one_of, program_column, unturned

_KANA = "kana ~ '^[ァ-ヺー・ヽヾ]+( [ァ-ヺー・ヽヾ]+)*$'"
_IS_LEAP_YEAR = "mod(birth_year, 4) = 0 AND (mod(birth_year, 100) <> 0 OR mod(birth_year, 400) = 0)"
_LAST_DAY = (
    f"CASE WHEN birth_month = 2 THEN CASE WHEN birth_year IS NULL OR {_IS_LEAP_YEAR} THEN 29 ELSE 28 END"
    " WHEN birth_month IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
)

# The program's own attributes; the standard ones stand in members/attributes.py.
attributes = Table(
    "attributes",
    metadata,
    program_column(),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("label", JSONB, nullable=False),  # {"ja": …, "en": …}
    Column("choices", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # [{"key": …, "label": {…}}]
    Column("writers", ARRAY(Text), nullable=False),
    # Then it is unknown to audiences without the member's consent to profiling.
    Column("is_profiling", Boolean, nullable=False),
    at_column("created_at"),
    # From then on nobody writes it; what members have of it stays.
    at_column("removed_at", nullable=True),
    PrimaryKeyConstraint("program_id", "key"),
    CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key"),
    one_of("kind", "text", "number", "date", "yes_no", "one_of", "many_of"),
    CheckConstraint("jsonb_typeof(label) = 'object'", name="label"),
    CheckConstraint(
        "jsonb_typeof(choices) = 'array' AND (kind IN ('one_of', 'many_of')) = (choices <> '[]'::jsonb)", name="choices"
    ),
    CheckConstraint(
        "writers <@ ARRAY['member', 'staff', 'import', 'till'] AND cardinality(writers) > 0", name="writers"
    ),
)

# What the staff call members by, in words of their own.
member_tags = Table(
    "member_tags",
    metadata,
    member_column(),
    program_column(),
    Column("tag", Text, nullable=False),
    Column("set_by", Text, nullable=False),  # a newer file takes off what a file has put on
    at_column("tagged_at"),
    one_of("set_by", "staff", "import"),
    PrimaryKeyConstraint("member_id", "tag"),
    CheckConstraint("tag ~ '[^ ]' AND length(tag) <= 40", name="tag"),
    Index(None, "program_id", "tag", "member_id"),
)

# A row a member of whom anything is known; null: unknown. The locale stands on the member.
profiles = Table(
    "profiles",
    metadata,
    member_column(),
    program_column(),
    Column("name", Text, nullable=True),  # the full name, as it is written
    Column("kana", Text, nullable=True),  # its reading, in full-width katakana
    Column("nickname", Text, nullable=True),
    Column("birth_year", SmallInteger, nullable=True),  # a birthday may be without one
    Column("birth_month", SmallInteger, nullable=True),
    Column("birth_day", SmallInteger, nullable=True),
    Column("gender", Text, nullable=True),
    Column("postal_code", Text, nullable=True),
    Column("prefecture", SmallInteger, nullable=True),  # JIS X 0401
    Column("city", Text, nullable=True),
    Column("job", Text, nullable=True),
    Column("income_band", Text, nullable=True),
    Column("time_zone", Text, nullable=True),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # the program's own, by their keys
    at_column("updated_at"),
    Column("version", Integer, nullable=False),
    # How the member is found (members/name_search.py): collated "C", which is the order of the pages too.
    Column("name_key", Text(collation="C"), nullable=True),
    Column("name_grams", ARRAY(Integer), nullable=True),
    Column("kana_key", Text(collation="C"), nullable=True),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("name ~ '[^ ]' AND length(name) <= 100", name="name"),
    CheckConstraint(f"{_KANA} AND length(kana) <= 100", name="kana"),
    CheckConstraint("nickname ~ '[^ ]' AND length(nickname) <= 50", name="nickname"),
    CheckConstraint(
        "(birth_month IS NULL) = (birth_day IS NULL) AND (birth_year IS NULL OR birth_month IS NOT NULL)",
        name="birthday",
    ),
    CheckConstraint("birth_year BETWEEN 1900 AND 2200", name="birth_year"),
    CheckConstraint("birth_month BETWEEN 1 AND 12", name="birth_month"),
    CheckConstraint(f"birth_day BETWEEN 1 AND {_LAST_DAY}", name="birth_day"),
    one_of("gender", "female", "male", "other", "undisclosed"),
    CheckConstraint("postal_code ~ '^[0-9]{7}$'", name="postal_code"),
    CheckConstraint("prefecture BETWEEN 1 AND 47", name="prefecture"),
    CheckConstraint("city ~ '[^ ]' AND length(city) <= 100", name="city"),
    one_of(
        "job",
        "employee",
        "public_servant",
        "self_employed",
        "part_time",
        "homemaker",
        "student",
        "retired",
        "unemployed",
        "other",
    ),
    one_of("income_band", "under_2m", "2m_to_4m", "4m_to_6m", "6m_to_8m", "8m_to_10m", "10m_or_more"),
    CheckConstraint("length(time_zone) BETWEEN 1 AND 60", name="time_zone"),
    CheckConstraint("jsonb_typeof(attributes) = 'object'", name="attributes"),
    CheckConstraint("version >= 0", name="version"),
    CheckConstraint("(name_key IS NULL) = (name_grams IS NULL)", name="name_grams"),
    # Newest first, for names that many have; for the rest the index of bigrams.
    Index(None, "program_id", "member_id"),
    Index(None, "name_grams", postgresql_using="gin"),
    Index(None, "program_id", "birth_month", "birth_day", postgresql_where=text("birth_month IS NOT NULL")),
    Index(None, "program_id", "name_key", "member_id"),
    Index(None, "program_id", "kana_key", "member_id"),
    unturned("name"),
    unturned("nickname"),
)

"""Programs, their stores, staff and tills. All of them are reference tables."""

from geoalchemy2 import Geography
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kit.codes import PATTERN as CODE_PATTERN
from migrations.schema.columns import at_column, map_columns, metadata, one_of, program_column, unturned

programs = Table(
    "programs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("default_locale", Text, nullable=False, server_default="ja"),
    # Bumped by every change of a fence, and of a store or a campaign: processes poll them, and read what is newer.
    Column("fence_version", BigInteger, nullable=False, server_default="0"),
    Column("campaign_version", BigInteger, nullable=False, server_default="0"),
    # How people join: where a phone number without a country code is from, what an enrolment link opens, and the
    # Firebase project (its number) whose App Check an enrolment must show.
    Column("phone_region", Text, nullable=False, server_default="JP"),
    Column("join_url", Text, nullable=True),
    Column("app_check_project", Text, nullable=True),
    # Whether browsers, which have no App Check, may join all the same.
    Column("allow_browsers", Boolean, nullable=False, server_default="false"),
    # How many one-time codes it sends in an hour and a day, by text message and by e-mail each (members.code_limits).
    Column("code_hour_cap", Integer, nullable=False, server_default="500"),
    Column("code_day_cap", Integer, nullable=False, server_default="3000"),
    # Of members who have told none and have no home store.
    Column("time_zone", Text, nullable=False, server_default="Asia/Tokyo"),
    # What its messages keep to (push/governor.py): when no phone rings, how many a member gets on a day and on seven
    # days, and how many it sends a day (null: any number).
    Column("quiet_start", Time, nullable=True, server_default="21:00"),
    Column("quiet_end", Time, nullable=True, server_default="08:00"),
    Column("message_day_cap", SmallInteger, nullable=False, server_default="5"),
    Column("message_week_cap", SmallInteger, nullable=False, server_default="15"),
    Column("message_quota", BigInteger, nullable=True),
    # On which of a member's phones a push rings.
    Column("message_phones", Text, nullable=False, server_default="latest"),
    # How its card shows itself (programs.card_settings): a colour, and what a shopper may read before joining, in each
    # language as a text or as an address.
    Column("card_colour", Text, nullable=True),
    Column("card_terms_ja", Text, nullable=True),
    Column("card_terms_en", Text, nullable=True),
    Column("privacy_url", Text, nullable=True),
    # Of its name, language, clock and rules of messages: whoever changes them says which they have read.
    Column("settings_version", Integer, nullable=False, server_default="1"),
    # Whether each of the staff needs a second factor besides the password.
    Column("demands_second_factor", Boolean, nullable=False, server_default=text("false")),
    at_column("created_at"),
    CheckConstraint(f"code ~ '{CODE_PATTERN}'", name="code"),
    CheckConstraint("(quiet_start IS NULL) = (quiet_end IS NULL)", name="quiet_hours"),
    CheckConstraint("message_day_cap BETWEEN 0 AND 50 AND message_week_cap BETWEEN 0 AND 200", name="message_caps"),
    CheckConstraint("message_quota >= 0", name="message_quota"),
    one_of("message_phones", "latest", "all"),
    CheckConstraint("code_hour_cap BETWEEN 1 AND 1000000 AND code_day_cap >= code_hour_cap", name="code_caps"),
    CheckConstraint("phone_region ~ '^[A-Z]{2}$'", name="phone_region"),
    CheckConstraint("app_check_project ~ '^[0-9]{1,20}$'", name="app_check_project"),
    CheckConstraint("card_colour ~ '^#[0-9a-f]{6}$'", name="card_colour"),
    CheckConstraint(
        "char_length(card_terms_ja) BETWEEN 1 AND 20000 AND char_length(card_terms_en) BETWEEN 1 AND 20000",
        name="card_terms",
    ),
    CheckConstraint("privacy_url ~ '^https://' AND length(privacy_url) <= 500", name="privacy_url"),
    one_of("default_locale", "ja", "en"),
    unturned("name"),
)

# How a program sends e-mail to members: what the law of Japan wants to read in it, and how fast. Without a row, none.
mail_settings = Table(
    "mail_settings",
    metadata,
    program_column(),
    Column("sender_name", Text, nullable=False),
    Column("postal_address", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("per_minute", Integer, nullable=True),
    Column("is_double_opt_in", Boolean, nullable=False),
    # Of the token bucket: until when what went out fills it.
    at_column("paced_until"),
    PrimaryKeyConstraint("program_id"),
    CheckConstraint("btrim(sender_name) <> '' AND char_length(sender_name) <= 100", name="sender_name"),
    CheckConstraint("btrim(postal_address) <> '' AND char_length(postal_address) <= 300", name="postal_address"),
    CheckConstraint("btrim(contact) <> '' AND char_length(contact) <= 200", name="contact"),
    CheckConstraint("per_minute BETWEEN 1 AND 100000", name="per_minute"),
)

stores = Table(
    "stores",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("address", Text, nullable=True),
    Column("phone", Text, nullable=True),
    Column("location", Geography("POINT", srid=4326, spatial_index=False), nullable=True),
    *map_columns("ST_X(location::geometry)", "ST_Y(location::geometry)"),
    Column("opening_hours", JSONB, nullable=True),  # null: always open
    Column("day_start_hour", SmallInteger, nullable=False, server_default="4"),
    # What its check-in QR and its display's codes are made under: the next number ends those of the one before.
    Column("qr_generation", SmallInteger, nullable=False, server_default="1"),
    Column("display_generation", SmallInteger, nullable=False, server_default="0"),  # 0: it has no display
    Column("version", BigInteger, nullable=False, server_default="0"),  # the campaign_version of its last change
    at_column("created_at"),
    at_column("closed_at", nullable=True),
    # What campaigns may name in place of each store: "Kanto", "stations".
    Column("store_groups", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    UniqueConstraint("program_id", "code"),
    CheckConstraint("btrim(name) <> ''", name="name"),
    CheckConstraint("day_start_hour BETWEEN 0 AND 23", name="day_start_hour"),
    CheckConstraint(
        "cardinality(store_groups) <= 20 AND array_position(store_groups, '') IS NULL", name="store_groups"
    ),
    CheckConstraint("char_length(address) BETWEEN 1 AND 500", name="address"),
    CheckConstraint(r"phone ~ '^\+?[0-9][0-9 ()-]{1,38}$'", name="phone"),
    CheckConstraint("qr_generation >= 1 AND display_generation >= 0", name="generations"),
    Index(None, "program_id", "version"),
    # Whose app asks for the stores nearby: 0.4 ms among ten thousand, and 79 ms without.
    Index(None, "location", postgresql_using="gist", postgresql_where=text("closed_at IS NULL")),
    # A map's tiles are flat; from afar they count.
    Index("stores_flat_location_idx", text("(location::geometry)"), postgresql_using="gist"),
    Index(None, "program_id", "map_x", postgresql_where=text("closed_at IS NULL")),
    unturned("name"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=True),  # null: they were invited, and have not come yet
    Column("role", Text, nullable=False),
    at_column("created_at"),
    at_column("disabled_at", nullable=True),
    UniqueConstraint("program_id", "email"),
    CheckConstraint("email = lower(email)", name="email"),
    one_of("role", "owner", "store_manager", "marketer", "analyst"),
    unturned("name"),
)

staff_stores = Table(
    "staff_stores",
    metadata,
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    PrimaryKeyConstraint("staff_id", "store_id"),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("method", Text, nullable=False),  # how it was opened
    at_column("created_at"),
    at_column("expires_at"),
    one_of("method", "password", "code", "recovery_code", "passkey", "link"),
    Index(None, "staff_id"),
)

# Tokens that were sent by e-mail: each is good for one new password. One without a person was asked for in the name of
# somebody who is not there: whoever asks is to see no difference, not even in the time that it takes.
password_resets = Table(
    "password_resets",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=True),
    at_column("created_at"),
    at_column("expires_at"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "staff_id"),
    Index(None, "expires_at"),
)

tills = Table(
    "tills",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    at_column("created_at"),
    at_column("revoked_at", nullable=True),
    # The code that is good for one new key, until it is taken or over. Only its hash is here.
    Column("pairing_code_hash", LargeBinary),
    at_column("pairing_expires_at", nullable=True),
    CheckConstraint("(pairing_code_hash IS NULL) = (pairing_expires_at IS NULL)", name="pairing_check"),
    Index(None, "program_id"),
    unturned("name"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    at_column("at"),
    Index(None, "program_id", "id"),
)

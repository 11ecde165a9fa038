"""The one truth of the schema. Alembic compares the migrated database with it (`./run check`).

Rules (docs/decisions/0003): `member_id` is part of the primary key of every table that grows with members; programs,
stores, geofences, campaigns and budgets are reference tables; what must be unique across members is a row of
`handles`. The same DDL then serves plain PostgreSQL and Citus. Tables of claims: migrations/claims_tables.py.
"""

from geoalchemy2 import Geography, Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
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
from sqlalchemy.dialects.postgresql import JSONB

from migrations.apple_wallet_tables import APPLE_WALLET_TABLES
from migrations.card_tables import CARD_TABLES
from migrations.claims_tables import CLAIMS_TABLES
from migrations.columns import at_column as _at
from migrations.columns import id_column as _id
from migrations.columns import member_column as _member
from migrations.columns import metadata
from migrations.columns import one_of as _one_of
from migrations.columns import program_column as _program
from migrations.google_wallet_tables import GOOGLE_WALLET_TABLES
from migrations.personal_tables import PERSONAL_TABLES
from migrations.points_tables import POINTS_TABLES
from migrations.visit_tables import VISIT_TABLES

# --- reference tables: programs and what their staff write ---------------------------------------------------------

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
    _at("created_at"),
    CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'", name="code"),
    CheckConstraint("phone_region ~ '^[A-Z]{2}$'", name="phone_region"),
    CheckConstraint("app_check_project ~ '^[0-9]{1,20}$'", name="app_check_project"),
    _one_of("default_locale", "ja", "en"),
)

stores = Table(
    "stores",
    metadata,
    Column("id", Uuid, primary_key=True),
    _program(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("location", Geography("POINT", srid=4326, spatial_index=False), nullable=True),
    Column("opening_hours", JSONB, nullable=True),  # null: always open
    Column("day_start_hour", SmallInteger, nullable=False, server_default="4"),
    # What its check-in QR and its display's codes are made under: the next number ends those of the one before.
    Column("qr_generation", SmallInteger, nullable=False, server_default="1"),
    Column("display_generation", SmallInteger, nullable=False, server_default="0"),  # 0: it has no display
    Column("version", BigInteger, nullable=False, server_default="0"),  # the campaign_version of its last change
    _at("created_at"),
    _at("closed_at", nullable=True),
    UniqueConstraint("program_id", "code"),
    CheckConstraint("day_start_hour BETWEEN 0 AND 23", name="day_start_hour"),
    CheckConstraint("qr_generation >= 1 AND display_generation >= 0", name="generations"),
    Index(None, "program_id", "version"),
)

geofences = Table(
    "geofences",
    metadata,
    Column("id", Uuid, primary_key=True),
    _program(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("name", Text, nullable=False),
    # A circle stays a circle (centre and radius); `area` is for polygons. Exactly one of the two is there.
    Column("centre", Geography("POINT", srid=4326, spatial_index=False), nullable=True),
    Column("radius_m", Float, nullable=False),  # of a polygon: its largest inscribed circle's
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=True),
    Column("exit_margin_m", Float, nullable=False, server_default="25"),
    Column("exit_confirm_s", Float, nullable=False, server_default="120"),
    Column("exit_confirm_fixes", SmallInteger, nullable=False, server_default="2"),
    Column("dwell_s", Float, nullable=False, server_default="300"),
    Column("tells_crossings", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False),  # the program's fence_version of its last change
    _at("created_at"),
    _at("deleted_at", nullable=True),
    CheckConstraint("(centre IS NULL) <> (area IS NULL)", name="shape"),
    CheckConstraint("radius_m > 0 AND radius_m <= 100000", name="radius_m"),
    CheckConstraint("area IS NULL OR ST_IsValid(area)", name="area"),
    CheckConstraint(
        "exit_margin_m >= 0 AND exit_confirm_s >= 0 AND exit_confirm_fixes >= 1 AND dwell_s > 0", name="settings"
    ),
    Index(None, "program_id", "version"),
    Index(None, "store_id"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    _program(),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    _at("created_at"),
    _at("disabled_at", nullable=True),
    UniqueConstraint("program_id", "email"),
    CheckConstraint("email = lower(email)", name="email"),
    _one_of("role", "owner", "store_manager"),
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
    _at("created_at"),
    _at("expires_at"),
    Index(None, "staff_id"),
)

tills = Table(
    "tills",
    metadata,
    Column("id", Uuid, primary_key=True),
    _program(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    _at("created_at"),
    _at("revoked_at", nullable=True),
    Index(None, "program_id"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Uuid, primary_key=True),
    _program(),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("all_stores", Boolean, nullable=False),
    _at("starts_at"),
    _at("ends_at", nullable=True),
    Column("frequency", Text, nullable=False),
    Column("quiet_start", Time, nullable=True),
    Column("quiet_end", Time, nullable=True),
    Column("only_when_open", Boolean, nullable=False),
    Column("on_first_fix", Boolean, nullable=False),
    Column("for_anonymous", Boolean, nullable=False, server_default=text("true")),
    Column(
        "least_trust", SmallInteger, nullable=False, server_default="1"
    ),  # of a visit; a place in visits.trust.TRUSTS
    Column("max_event_age_s", Integer, nullable=False),
    Column("offer", JSONB, nullable=False),  # {"ja": {"title", "body"}, "en": …}
    Column("coupon_valid_s", Integer, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="0"),  # the campaign_version of its last change
    _at("created_at"),
    _one_of("state", "draft", "active", "paused", "ended"),
    _one_of("trigger", "enter", "exit", "dwell", "cross", "visit", "stamps"),
    _one_of("frequency", "once", "daily", "weekly", "monthly"),
    CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="period"),
    CheckConstraint("(quiet_start IS NULL) = (quiet_end IS NULL)", name="quiet_hours"),
    CheckConstraint("max_event_age_s > 0 AND coupon_valid_s > 0", name="seconds"),
    CheckConstraint("least_trust BETWEEN 0 AND 5", name="least_trust"),
    Index(None, "program_id", "created_at"),
    Index(None, "program_id", "version"),
)

campaign_stores = Table(
    "campaign_stores",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    PrimaryKeyConstraint("campaign_id", "store_id"),
)

budgets = Table(
    "budgets",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), primary_key=True),
    Column("cap", BigInteger, nullable=False),
    Column("issued", BigInteger, nullable=False, server_default="0"),
    # What the last update granted: PostgreSQL 15 cannot return the difference of old and new by itself.
    Column("last_grant", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("cap >= 0 AND issued >= 0 AND issued <= cap", name="issued"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    _program(),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    _at("at"),
    Index(None, "program_id", "id"),
)

# --- distributed tables: what grows with members -------------------------------------------------------------------

members = Table(
    "members",
    metadata,
    Column("member_id", Uuid, primary_key=True),
    _program(),
    Column("state", Text, nullable=False),
    Column("locale", Text, nullable=False),
    # The newest word of `consents` on each purpose, for the hot route; written in the same transaction as that row.
    Column("location_consent", Boolean, nullable=False),
    Column("push_consent", Boolean, nullable=False),
    Column("enrolled_store_id", Uuid, ForeignKey("stores.id"), nullable=True),
    _at("claimed_at", nullable=True),  # when a phone number or e-mail address was first confirmed
    _at("state_changed_at", nullable=True),
    # The member that this one became. No foreign key: the two may lie on different shards. Always a single step.
    Column("merged_into", Uuid, nullable=True),
    _at("created_at"),
    _one_of("state", "active", "blocked", "closed", "merged", "erased"),
    _one_of("locale", "ja", "en"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
    CheckConstraint("merged_into <> member_id", name="merged_into_self"),
    CheckConstraint(
        "state <> 'erased' OR (NOT location_consent AND NOT push_consent AND claimed_at IS NULL"
        " AND enrolled_store_id IS NULL)",
        name="erased",
    ),
    Index(None, "program_id", "member_id"),
    Index(None, "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

consents = Table(
    "consents",
    metadata,
    _member(),
    _id(),
    Column("purpose", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("source", Text, nullable=False),
    _at("at"),
    PrimaryKeyConstraint("member_id", "id"),
    _one_of("purpose", "location", "push", "email", "profiling"),
    _one_of("source", "app", "staff"),
)

handles = Table(
    "handles",
    metadata,
    _program(),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    _member(),
    Column("device_id", Uuid, nullable=True),
    # Of a contact: the number or address itself, for writing to it and for showing it to its member.
    Column("sealed_value", LargeBinary, nullable=True),
    PrimaryKeyConstraint("program_id", "kind", "value_hash"),
    _one_of("kind", "card_number", "push_token", "phone", "email"),
    CheckConstraint("(kind IN ('phone', 'email')) = (sealed_value IS NOT NULL)", name="sealed_value"),
    Index(None, "member_id"),
)

cards = Table(
    "cards",
    metadata,
    _member(),
    _id(),
    _program(),
    Column("number", Text, nullable=False),
    # Of the codes of former versions (docs/decisions/0008); nothing reads it. With its default the version before still
    # runs beside this one; a later one drops it.
    Column("generation", Integer, nullable=False, server_default="1"),
    Column("state", Text, nullable=False),
    _at("issued_at"),
    PrimaryKeyConstraint("member_id", "id"),
    UniqueConstraint("member_id", "generation"),
    CheckConstraint("number ~ '^[0-9]{13}$'", name="number"),
    CheckConstraint("generation BETWEEN 1 AND 65535", name="generation"),
    _one_of("state", "active", "revoked"),
)

devices = Table(
    "devices",
    metadata,
    _member(),
    _id(),
    _program(),
    Column("platform", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    # After a rotation the former token still works until then, so that a lost answer does not lock the phone out.
    Column("former_token_hash", LargeBinary, nullable=True),
    _at("former_token_until", nullable=True),
    Column("push_token", Text, nullable=True),
    Column("push_token_kind", Text, nullable=True),
    Column("push_token_state", Text, nullable=True),
    _at("created_at"),
    _at("revoked_at", nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    _one_of("platform", "ios", "android"),
    _one_of("locale", "ja", "en"),
    _one_of("push_token_kind", "registration", "fid"),
    _one_of("push_token_state", "active", "dropped", "disabled"),
    CheckConstraint("(push_token IS NULL) = (push_token_kind IS NULL)", name="push_token"),
    CheckConstraint("(former_token_hash IS NULL) = (former_token_until IS NULL)", name="former_token"),
)

presences = Table(
    "presences",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("program_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    _at("watermark", nullable=True),
    Column("stays", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    # The last fix that was believed, a jump that is not yet, and how far the device's clock and pauses lag.
    Column("motion", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _at("next_due_at", nullable=True),  # when to sweep it if no fix comes; null: it has no stays
    PrimaryKeyConstraint("member_id", "device_id"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    CheckConstraint("jsonb_typeof(stays) = 'array'", name="stays"),
    Index(None, "next_due_at", postgresql_where=text("next_due_at IS NOT NULL")),
    postgresql_with={"fillfactor": "60"},
)

transitions = Table(
    "transitions",
    metadata,
    _member(),
    _at("received_at"),
    _id(),
    Column("program_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("store_id", Uuid, nullable=False),
    Column("geofence_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    _at("event_at"),
    # What each campaign made of it: {campaign_id: "issued" or why not}, so that "why did it not fire" has an answer.
    Column("decisions", JSONB, nullable=False),
    PrimaryKeyConstraint("member_id", "received_at", "id"),
    _one_of("kind", "enter", "exit", "dwell", "cross"),
    Index(None, "store_id", "id"),
    postgresql_partition_by="RANGE (received_at)",
)

coupons = Table(
    "coupons",
    metadata,
    _member(),
    _id(),
    _program(),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("period_key", Text, nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    _at("event_at"),
    _at("issued_at"),
    _at("expires_at"),
    PrimaryKeyConstraint("member_id", "id"),
    # The exactly-once of Noren: an index, never read-then-write.
    UniqueConstraint("member_id", "campaign_id", "period_key"),
    CheckConstraint("expires_at > issued_at", name="expires_at"),
    Index(None, "campaign_id"),
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    _program(),
    Column("campaign_id", Uuid, nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=True),
    # A coupon ends once: at a till, when it moves to the member that its own became, or when the scan that issued it is
    # undone. One key decides between them.
    Column("moved_to", Uuid, nullable=True),
    Column("undone_scan_id", Uuid, nullable=True),
    _at("redeemed_at"),
    PrimaryKeyConstraint("member_id", "coupon_id"),
    CheckConstraint("num_nonnulls(till_id, moved_to, undone_scan_id) = 1", name="end"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    Index(None, "campaign_id"),
)

outbox = Table(
    "outbox",
    metadata,
    _member(),
    _id(),
    _program(),
    Column("device_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _at("next_attempt_at"),
    _at("lease_until", nullable=True),
    _at("expires_at"),
    _at("created_at"),
    _at("sent_at", nullable=True),
    Column("provider_message_id", Text, nullable=True),
    Column("failure", Text, nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    # One push of one coupon to one device, whatever the code does.
    UniqueConstraint("member_id", "coupon_id", "device_id"),
    _one_of("state", "pending", "sending", "retryable", "sent", "failed", "expired"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    Index(
        "outbox_due_idx",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'sending', 'retryable')"),
    ),
    Index(None, "program_id", "created_at"),
)

idempotency_records = Table(
    "idempotency_records",
    metadata,
    Column("principal", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    # Sealed with a key that only the presenter of the Idempotency-Key can complete: answers may carry tokens.
    Column("sealed_answer", LargeBinary, nullable=False),
    _at("created_at"),
    PrimaryKeyConstraint("principal", "key_hash"),
    Index(None, "created_at"),
)

# --- card codes; claims; erasures; points, stamps, ranks, purchases; visits; wallets: in files of their own ----------

__all__ = [
    "APPLE_WALLET_TABLES",
    "CARD_TABLES",
    "CLAIMS_TABLES",
    "GOOGLE_WALLET_TABLES",
    "PERSONAL_TABLES",
    "POINTS_TABLES",
    "VISIT_TABLES",
    "metadata",
]

"""Members, their devices, and what finds and reaches them."""

from sqlalchemy import (
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
    Uuid,
    text,
)

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

members = Table(
    "members",
    metadata,
    Column("member_id", Uuid, primary_key=True),
    program_column(),
    Column("state", Text, nullable=False),
    Column("locale", Text, nullable=False),
    # The newest word of `consents` on a purpose, for hot routes and audiences; written in the same transaction as that.
    Column("location_consent", Boolean, nullable=False),
    Column("push_consent", Boolean, nullable=False),
    Column("profiling_consent", Boolean, nullable=False, server_default="false"),
    Column("email_consent", Boolean, nullable=False, server_default="false"),
    Column("sms_consent", Boolean, nullable=False, server_default="false"),
    Column("voice_consent", Boolean, nullable=False, server_default="false"),
    Column("enrolled_store_id", Uuid, ForeignKey("stores.id"), nullable=True),
    # When no phone of theirs rings, beside the hours of the program and of campaigns; their own wish.
    Column("quiet_start", Time, nullable=True),
    Column("quiet_end", Time, nullable=True),
    at_column("verified_at", nullable=True),  # when a phone number or e-mail address was first confirmed
    at_column("state_changed_at", nullable=True),
    # The member that this one became. No foreign key: the two may lie on different shards. Always a single step.
    Column("merged_into", Uuid, nullable=True),
    at_column("created_at"),
    one_of("state", "active", "blocked", "closed", "merged", "erased"),
    one_of("locale", "ja", "en"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
    CheckConstraint("merged_into <> member_id", name="merged_into_self"),
    CheckConstraint(
        "state <> 'erased' OR (NOT location_consent AND NOT push_consent AND NOT profiling_consent"
        " AND NOT email_consent AND NOT sms_consent AND NOT voice_consent AND verified_at IS NULL"
        " AND enrolled_store_id IS NULL AND quiet_start IS NULL)",
        name="erased",
    ),
    CheckConstraint("(quiet_start IS NULL) = (quiet_end IS NULL)", name="quiet_hours"),
    Index(None, "program_id", "member_id"),
    Index(None, "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

consents = Table(
    "consents",
    metadata,
    member_column(),
    id_column(),
    Column("purpose", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("source", Text, nullable=False),
    at_column("at"),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("purpose", "location", "push", "email", "sms", "voice", "profiling"),
    one_of("source", "app", "staff", "import", "mail", "phone"),
)

devices = Table(
    "devices",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("platform", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("language", Text, nullable=True),  # a BCP 47 tag; null: that of the locale
    Column("app_version", Text, nullable=True),  # as the app tells it; null: it has told none
    Column("token_hash", LargeBinary, nullable=False),
    # After a rotation the former token still works until then, so that a lost answer does not lock the phone out.
    Column("former_token_hash", LargeBinary, nullable=True),
    at_column("former_token_until", nullable=True),
    Column("push_token", Text, nullable=True),
    Column("push_token_kind", Text, nullable=True),
    Column("push_token_state", Text, nullable=True),
    at_column("created_at"),
    # When the app last asked for something, give or take a day (members.device). In no index: it is written each day.
    at_column("last_seen_at"),
    at_column("revoked_at", nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("platform", "ios", "android", "web"),
    one_of("locale", "ja", "en"),
    CheckConstraint("language ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'", name="language"),
    CheckConstraint("app_version ~ '^[!-~][ -~]{0,31}$'", name="app_version"),
    one_of("push_token_kind", "registration", "fid"),
    one_of("push_token_state", "active", "dropped", "disabled"),
    CheckConstraint("(push_token IS NULL) = (push_token_kind IS NULL)", name="push_token"),
    CheckConstraint("(former_token_hash IS NULL) = (former_token_until IS NULL)", name="former_token"),
    postgresql_with={"fillfactor": "85"},  # room for the day's version beside the one before
)

# Links that were sent to one person each, who called the number on a poster: whoever joins by one joins at its store,
# once. The number's row has no foreign key from here: it is another package's. What was used stays, without its member
# when they are erased: it says what a poster has brought.
invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    program_column(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("poster", Text, nullable=False),
    Column("call_number_id", Uuid, nullable=False),
    at_column("created_at"),
    at_column("expires_at"),
    at_column("used_at", nullable=True),
    Column("member_id", Uuid, ForeignKey("members.member_id"), nullable=True),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    CheckConstraint("used_at < expires_at", name="used_at"),
    CheckConstraint("member_id IS NULL OR used_at IS NOT NULL", name="member_id"),
    Index(None, "call_number_id", postgresql_where=text("used_at IS NOT NULL")),
    Index(None, "member_id", postgresql_where=text("member_id IS NOT NULL")),
    Index(None, "expires_at", postgresql_where=text("used_at IS NULL")),
)

handles = Table(
    "handles",
    metadata,
    program_column(),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    member_column(),
    Column("device_id", Uuid, nullable=True),
    # Of a contact: the number or address itself, for writing to it and for showing it to its member.
    Column("sealed_value", LargeBinary, nullable=True),
    # Of a contact: from then on it proves its member.
    at_column("stands_at", nullable=True),
    PrimaryKeyConstraint("program_id", "kind", "value_hash"),
    one_of("kind", "card_number", "push_token", "phone", "email", "own_number", "plastic_card"),
    CheckConstraint("(kind IN ('phone', 'email')) = (sealed_value IS NOT NULL)", name="sealed_value"),
    CheckConstraint("(sealed_value IS NULL) = (stands_at IS NULL)", name="stands_at"),
    Index(None, "member_id"),
)

contact_verifications = Table(
    "contact_verifications",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    Column("sealed_value", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    # What the code is good for, and nothing else.
    Column("purpose", Text, nullable=False, server_default="contact"),
    # Whether the member has shown what stood before, so that this contact may come beside it or in its place.
    Column("is_proved", Boolean, nullable=False, server_default="false"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    at_column("created_at"),
    at_column("expires_at"),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("kind", "phone", "email"),
    one_of("purpose", "contact", "change", "transfer", "export", "erasure"),
    one_of("state", "open", "confirmed", "replaced"),
    CheckConstraint("attempts BETWEEN 0 AND 5", name="attempts"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index("claims_open_key", "member_id", "kind", "value_hash", unique=True, postgresql_where=text("state = 'open'")),
    Index(None, "created_at"),
)

# A code that the staff have told a member who can show no contact of theirs: with it they change or remove one.
contact_permits = Table(
    "contact_permits",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("code_hash", LargeBinary, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    at_column("created_at"),
    at_column("expires_at"),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("attempts BETWEEN 0 AND 5", name="attempts"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "created_at"),
)

# `member_id` has confirmed a contact that leads to `holder_id`: are they one person?
transfers = Table(
    "transfers",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    # No foreign key: the two may lie on different shards.
    Column("holder_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    # Of the code by which the holder objects to it.
    Column("objection_hash", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("answers", SmallInteger, nullable=False, server_default="0"),
    at_column("answered_at", nullable=True),
    at_column("approved_at", nullable=True),  # the staff have made sure that it is the member who asks
    at_column("created_at"),
    at_column("decided_at", nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("kind", "phone", "email"),
    one_of("state", "open", "replaced", "proved", "declined", "objected"),
    CheckConstraint("holder_id <> member_id", name="holder_id"),
    CheckConstraint("answers BETWEEN 0 AND 5", name="answers"),
    CheckConstraint("answered_at IS NULL OR answers > 0", name="answered_at"),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at"),
    Index("transfers_open_key", "member_id", "kind", unique=True, postgresql_where=text("state = 'open'")),
    Index(None, "holder_id"),
    Index(None, "objection_hash"),
    Index(None, "created_at"),
)

_CODES_TO, _TOLD = ("phone", "email", "member", "staff"), ("phone_told", "email_told")

# How many codes went out, to a contact (whoever asked), on behalf of a member (to whatever contact), for a network, of
# a program (one value, which is empty), and to an address for a new password of the staff.
verification_code_counts = Table(
    "verification_code_counts",
    metadata,
    program_column(),
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    at_column("window_started_at"),
    at_column("last_sent_at"),
    Column("sent", Integer, nullable=False),
    PrimaryKeyConstraint("program_id", "kind", "value_hash"),
    one_of("kind", *_CODES_TO, "network", "phone_hour", "phone_day", "email_hour", "email_day", "abroad_day", *_TOLD),
    CheckConstraint("sent >= 1 AND (sent <= 10 OR kind NOT IN ('phone', 'email', 'member', 'staff'))", name="sent"),
    Index(None, "last_sent_at"),
)

# What a member was told on their contacts, and can stop by the code of that message.
alerts = Table(
    "alerts",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("kind", Text, nullable=False),
    # The phone that did it, and is signed out when it is stopped.
    Column("device_id", Uuid, nullable=True),
    # Of a change: the kind of contact, and what stood in its place before.
    Column("contact_kind", Text, nullable=True),
    Column("former_hash", LargeBinary, nullable=True),
    Column("former_sealed_value", LargeBinary, nullable=True),
    at_column("former_stands_at", nullable=True),
    Column("objection_hash", LargeBinary, nullable=False),
    at_column("created_at"),
    at_column("stopped_at", nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    one_of("kind", "contact", "export", "erasure", "card_key", "card_stopped"),
    one_of("contact_kind", "phone", "email"),
    CheckConstraint("(kind = 'contact') = (contact_kind IS NOT NULL)", name="change"),
    CheckConstraint("num_nulls(former_hash, former_sealed_value, former_stands_at) IN (0, 3)", name="former"),
    CheckConstraint("kind = 'contact' OR former_hash IS NULL", name="former_contact"),
    Index(None, "objection_hash"),
    Index(None, "created_at"),
)

# Members who have asked for their erasure and can still withdraw it.
erasure_requests = Table(
    "erasure_requests",
    metadata,
    member_column(),
    program_column(),
    at_column("requested_at"),
    at_column("due_at"),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("due_at > requested_at", name="due_at"),
    Index(None, "due_at"),
)

# Members whose data is wiped again at `due_at`, when every transaction that was under way has long ended.
erasures = Table(
    "erasures",
    metadata,
    Column("member_id", Uuid, ForeignKey("members.member_id"), nullable=False),
    at_column("due_at"),
    PrimaryKeyConstraint("member_id"),
    Index(None, "due_at"),
)

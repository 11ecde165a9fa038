"""The telephone: a program's account with providers, what it has spent, what was sent, who wants no more, and the
numbers that people call from a poster.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    text,
)

from migrations.schema.columns import at_column, metadata, one_of, program_column

# As its owners write it; a reference table. The credentials are sealed (channels.phone.account).
phone_accounts = Table(
    "phone_accounts",
    metadata,
    program_column(),
    Column("sms_route", Text, nullable=True),
    Column("api_url", Text, nullable=True),
    Column("account_sid", Text, nullable=True),
    Column("sms_sender", Text, nullable=True),
    Column("voice_sender", Text, nullable=True),
    Column("direct_url", Text, nullable=True),
    Column("direct_sender", Text, nullable=True),
    Column("sealed_credentials", LargeBinary, nullable=False),
    Column("currency", Text, nullable=False),
    Column("segment_price", BigInteger, nullable=False),
    Column("call_price", BigInteger, nullable=False),
    Column("day_cap", BigInteger, nullable=False),
    Column("calls_from", Time, nullable=False),
    Column("calls_until", Time, nullable=False),
    Column("spoken_address", Text, nullable=True),
    at_column("changed_at"),
    PrimaryKeyConstraint("program_id"),
    one_of("sms_route", "dialect", "direct"),
    CheckConstraint("(api_url IS NULL) = (account_sid IS NULL)", name="api_url"),
    CheckConstraint(
        "sms_route IS NULL OR (sms_route = 'dialect' AND api_url IS NOT NULL AND sms_sender IS NOT NULL)"
        " OR (sms_route = 'direct' AND direct_url IS NOT NULL AND direct_sender IS NOT NULL)",
        name="sms_route_complete",
    ),
    CheckConstraint("voice_sender IS NULL OR api_url IS NOT NULL", name="voice_sender"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("segment_price >= 0 AND call_price >= 0 AND day_cap >= 0", name="tariff"),
    CheckConstraint("char_length(spoken_address) BETWEEN 1 AND 200", name="spoken_address"),
)

# What a program has spent on a day of its calendar, in the minor unit of its currency. `cap`: as it was when money was
# last booked; no two transactions can book more together than it allows.
phone_spending = Table(
    "phone_spending",
    metadata,
    program_column(),
    Column("day", Date, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("cap", BigInteger, nullable=False),
    PrimaryKeyConstraint("program_id", "day"),
    CheckConstraint("spent BETWEEN 0 AND cap", name="spent"),
)

# What went to a provider, or will: a message's id finds what it cost, what was reported of it, and its member (null:
# somebody who called, and is nobody's member). A report names the message and the kind only, so that is the key: a text
# that cannot be delivered may be read out by a call.
phone_sends = Table(
    "phone_sends",
    metadata,
    Column("id", Uuid, nullable=False),
    program_column(),
    Column("member_id", Uuid, ForeignKey("members.member_id"), nullable=True),
    Column("kind", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("failure", Text, nullable=True),
    Column("provider_message_id", Text, nullable=True),
    Column("price", BigInteger, nullable=False),  # what is booked for it now
    Column("spend_day", Date, nullable=False),
    at_column("created_at"),
    at_column("changed_at"),
    PrimaryKeyConstraint("id", "kind"),
    one_of("kind", "sms", "voice"),
    one_of("route", "dialect", "direct"),
    one_of(
        "state", "waiting", "sending", "unknown", "accepted", "sent", "delivered", "failed",
        "answered", "machine", "busy", "no_answer", "opted_out",
    ),
    CheckConstraint("price >= 0", name="price"),
    CheckConstraint("state NOT IN ('waiting', 'busy', 'no_answer') OR price = 0", name="free"),
    CheckConstraint(
        "kind = 'voice' OR state NOT IN ('answered', 'machine', 'busy', 'no_answer', 'opted_out')", name="state_of_kind"
    ),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
    Index(None, "member_id", postgresql_where=text("member_id IS NOT NULL")),
    Index(None, "created_at"),
    Index(None, "changed_at", postgresql_where=text("state NOT IN ('waiting', 'sending', 'unknown')")),
)  # fmt: skip

# Whoever wants no more texts, or no more calls. They may be nobody's member; the number itself is not kept.
phone_opt_outs = Table(
    "phone_opt_outs",
    metadata,
    program_column(),
    Column("number_hash", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    at_column("at"),
    PrimaryKeyConstraint("program_id", "number_hash", "kind"),
    one_of("kind", "sms", "voice"),
    one_of("source", "reply", "key", "provider", "staff"),
)

# Texts that said STOP or START, by the provider's id of them: a signature has no time, and whoever kept an old START
# could send it again behind a STOP for as long as the account lasts. Whose they were is not kept.
text_wishes = Table(
    "text_wishes",
    metadata,
    program_column(),
    Column("message_sid", Text, nullable=False),
    at_column("at"),
    PrimaryKeyConstraint("program_id", "message_sid"),
    CheckConstraint("char_length(message_sid) BETWEEN 1 AND 200", name="message_sid"),
)

# A number on posters; a reference table. Whoever calls it gets a link by which they join at its store.
call_numbers = Table(
    "call_numbers",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("number", Text, nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("poster", Text, nullable=False),
    at_column("created_at"),
    at_column("ended_at", nullable=True),
    CheckConstraint(r"number ~ '^\+[1-9][0-9]{5,14}$'", name="number"),
    CheckConstraint("btrim(poster) <> '' AND char_length(poster) <= 80", name="poster"),
    Index(None, "program_id", "number", unique=True, postgresql_where=text("ended_at IS NULL")),
)

# Calls to them, each once however often its webhook comes. The text that answers one waits here until it is out: its
# recipient is nobody's member. One number gets one text a day of the program's calendar.
incoming_calls = Table(
    "incoming_calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("call_sid", Text, nullable=False),
    Column("number_id", Uuid, ForeignKey("call_numbers.id"), nullable=False),
    Column("answer", Text, nullable=False),
    Column("number_hash", LargeBinary, nullable=True),
    Column("texted_on", Date, nullable=True),
    Column("sealed_message", LargeBinary, nullable=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("expires_at"),
    Column("failure", Text, nullable=True),
    at_column("created_at"),
    UniqueConstraint("program_id", "call_sid"),
    UniqueConstraint("program_id", "number_hash", "texted_on"),
    one_of("answer", "texted", "texted_today", "opted_out", "told", "too_dear", "not_set_up"),
    one_of("state", "none", "pending", "sending", "retryable", "sent", "failed", "expired", "unknown"),
    CheckConstraint("(answer = 'texted') = (state <> 'none')", name="texted"),
    CheckConstraint(
        "(answer = 'texted') = (texted_on IS NOT NULL) AND (texted_on IS NULL) = (number_hash IS NULL)",
        name="texted_on",
    ),
    CheckConstraint(
        "(state IN ('pending', 'sending', 'retryable')) = (sealed_message IS NOT NULL)", name="sealed_message"
    ),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    Index(
        "incoming_calls_due_idx",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'sending', 'retryable')"),
    ),
    Index(None, "number_id", "created_at"),
    Index(None, "created_at"),
)

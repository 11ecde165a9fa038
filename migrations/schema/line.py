"""LINE: a program's channel, the accounts that members have linked, links under way, and events until they are handled.

A LINE user id means a person to whoever has the channel: it is looked up by a keyed hash and kept sealed.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, member_column, metadata, one_of, program_column

line_channels = Table(
    "line_channels",
    metadata,
    Column("program_id", Uuid, ForeignKey("programs.id"), primary_key=True),
    Column("channel_id", Text, nullable=False),
    # Of the LIFF or MINI App whose ID tokens sign members in. Null: nobody signs in by LINE.
    Column("login_channel_id", Text, nullable=True),
    # The LIFF or MINI App's own id, by which our card's page opens it. Null: the page is not served inside LINE.
    Column("liff_id", Text, nullable=True),
    # Where a person who wants to link is sent; the link token is added.
    Column("link_url", Text, nullable=True),
    # Channel secret and access token.
    Column("sealed_credentials", LargeBinary, nullable=False),
    at_column("changed_at"),
    # What LINE says of the channel; null until it was asked.
    Column("bot_user_id", Text, nullable=True),
    Column("monthly_limit", Integer, nullable=True),  # null beside a `checked_at`: none
    Column("sent_this_month", BigInteger, nullable=True),
    at_column("checked_at", nullable=True),
    # A word for what LINE refused last; null: nothing.
    Column("fault", Text, nullable=True),
    # LINE has said that the month's messages are spent: nothing is sent before.
    at_column("spent_until", nullable=True),
    at_column("next_check_at"),
    at_column("lease_until", nullable=True),
    CheckConstraint("channel_id ~ '^[0-9]{1,20}$' AND login_channel_id ~ '^[0-9]{1,20}$'", name="channel_ids"),
    CheckConstraint("liff_id ~ ('^' || login_channel_id || '-[A-Za-z0-9]{1,20}$')", name="liff_id"),
    CheckConstraint("liff_id IS NULL OR login_channel_id IS NOT NULL", name="liff_login"),
    CheckConstraint("link_url ~ '^https://' AND length(link_url) <= 500", name="link_url"),
    CheckConstraint("monthly_limit >= 0 AND sent_this_month >= 0", name="quota"),
    Index(None, "next_check_at"),
)

line_links = Table(
    "line_links",
    metadata,
    member_column(),
    program_column(),
    Column("user_hash", LargeBinary, nullable=False),
    Column("sealed_user_id", LargeBinary, nullable=False),
    at_column("linked_at"),
    # From then on the account signs its member in (members.standing).
    at_column("stands_at"),
    # They have blocked the official account, or never added it: what is sent would not arrive.
    at_column("blocked_at", nullable=True),
    # The time of the newest event that said whether they are a friend; an older one that comes late changes nothing.
    at_column("friendship_at"),
    # LINE's id of the rich menu that it was told to show them; null: what everybody sees.
    Column("menu_id", Text, nullable=True),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("octet_length(user_hash) = 32", name="user_hash"),
)

# Finds the member of an account, and keeps an account from belonging to two.
line_accounts = Table(
    "line_accounts",
    metadata,
    program_column(),
    Column("user_hash", LargeBinary, nullable=False),
    Column("member_id", Uuid, nullable=False),
    PrimaryKeyConstraint("program_id", "user_hash"),
    ForeignKeyConstraint(["member_id"], ["line_links.member_id"], ondelete="CASCADE"),
    Index(None, "member_id"),
)

# A member's link under way: LINE brings the nonce back with the account's user id.
line_nonces = Table(
    "line_nonces",
    metadata,
    member_column(),
    program_column(),
    Column("nonce_hash", LargeBinary, nullable=False),
    at_column("expires_at"),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("octet_length(nonce_hash) = 32", name="nonce_hash"),
    Index(None, "program_id", "nonce_hash"),
)

# A rich menu: for those of one state, which is `not_linked`, `linked`, or `rank-` and a rank's code.
line_menus = Table(
    "line_menus",
    metadata,
    program_column(),
    Column("state", Text, nullable=False),
    Column("chat_bar_text", Text, nullable=False),
    Column("areas", JSONB, nullable=False),
    Column("picture", LargeBinary, nullable=False),
    at_column("changed_at"),
    # What LINE calls the one that it has.
    Column("menu_id", Text, nullable=True),
    at_column("published_at", nullable=True),
    Column("fault", Text, nullable=True),
    at_column("next_attempt_at", nullable=True),  # null: LINE has it, or refuses it for good
    at_column("lease_until", nullable=True),
    PrimaryKeyConstraint("program_id", "state"),
    CheckConstraint("state ~ '^(not_linked|linked|rank-.{1,60})$'", name="state"),
    CheckConstraint("length(chat_bar_text) BETWEEN 1 AND 14", name="chat_bar_text"),
    CheckConstraint("octet_length(picture) <= 700000", name="picture"),
    CheckConstraint("(menu_id IS NULL) = (published_at IS NULL)", name="published_at"),
    Index(None, "next_attempt_at"),
)

# Menus that are over, and accounts that were unlinked, until LINE knows.
line_menu_endings = Table(
    "line_menu_endings",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("menu_id", Text, nullable=True),
    Column("sealed_user_id", LargeBinary, nullable=True),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    CheckConstraint("num_nonnulls(menu_id, sealed_user_id) = 1", name="what"),
    Index(None, "next_attempt_at"),
)

line_events = Table(
    "line_events",
    metadata,
    program_column(),
    Column("event_id", Text, nullable=False),  # LINE's webhookEventId, a ULID
    # The event as it came; it goes as soon as it is handled. Its id stays, so that a redelivery is known.
    Column("sealed_event", LargeBinary, nullable=True),
    Column("user_hash", LargeBinary, nullable=True),  # whose it is, so that an erasure finds it
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    at_column("next_attempt_at"),
    at_column("lease_until", nullable=True),
    at_column("received_at"),
    PrimaryKeyConstraint("program_id", "event_id"),
    one_of("state", "pending", "sending", "retryable", "handled", "failed"),
    CheckConstraint("(state IN ('handled', 'failed')) = (sealed_event IS NULL)", name="sealed_event"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_until"),
    CheckConstraint("length(event_id) <= 64", name="event_id"),
    Index(
        "line_events_due_idx", "next_attempt_at", postgresql_where=text("state IN ('pending', 'sending', 'retryable')")
    ),
    Index(None, "received_at"),
)

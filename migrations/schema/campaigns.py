"""What a chain writes of campaigns: reference tables, of the package `coupons`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
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

from migrations.schema.columns import at_column, metadata, one_of, program_column, unturned

# What phones load: written anew from what was sent (coupons.campaigns.picture_files). Its name is what it holds, so a
# picture never changes under its address, and two campaigns share one. Each program has its own.
pictures = Table(
    "pictures",
    metadata,
    Column("name", Text, nullable=False),
    program_column(),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    at_column("used_at"),  # when a campaign last took it, or let go of it
    PrimaryKeyConstraint("name", "program_id"),
    one_of("media_type", "image/png", "image/jpeg"),
    CheckConstraint(
        "name = encode(sha256(content), 'hex') || CASE media_type WHEN 'image/png' THEN '.png' ELSE '.jpg' END",
        name="name",
    ),
    CheckConstraint("octet_length(content) <= 1000000", name="content"),
    CheckConstraint("width_px > 0 AND height_px > 0", name="size"),
)

_COUNTED = ("first_visit", "nth_visit", "every_nth_visit")
_TIMED = (
    "broadcast",
    "schedule",
    "birthday",
    "lapsed",
    "points_expiring",
    "coupon_expiring",
    "rank_expiring",
    "rank_reached",
    "joined",
    "claimed",
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("trigger", Text, nullable=False),  # its kind
    Column("trigger_settings", JSONB, nullable=False),  # the rest of coupons.campaigns.campaign_triggers.Trigger
    Column("all_stores", Boolean, nullable=False),
    Column("store_groups", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    at_column("starts_at"),
    at_column("ends_at", nullable=True),
    Column("frequency", Text, nullable=False),
    Column("every_days", Integer, nullable=True),
    Column("cooldown_s", Integer, nullable=True),
    # Null: no cap. Whether there is one never changes; what has been issued stands in `budgets`.
    Column("cap", BigInteger, nullable=True),
    Column("store_cap", BigInteger, nullable=True),
    Column("day_cap", BigInteger, nullable=True),
    Column("store_day_cap", BigInteger, nullable=True),
    Column("hours", JSONB, nullable=False, server_default=text("'[]'")),  # EventHours; empty: any
    Column("except_days", ARRAY(Date), nullable=False, server_default=text("'{}'")),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    Column("exclusive_group", Text, nullable=True),  # of its campaigns the best one gives
    # Else the program's count.
    Column("own_quiet_hours", Boolean, nullable=False, server_default="false"),
    Column("quiet_start", Time, nullable=True),
    Column("quiet_end", Time, nullable=True),
    Column("only_when_open", Boolean, nullable=False),
    Column("on_first_fix", Boolean, nullable=False),
    Column("allow_anonymous", Boolean, nullable=False, server_default=text("true")),
    Column(
        "min_trust", SmallInteger, nullable=False, server_default="1"
    ),  # of a visit; a place in visits.trust.TRUST_LEVELS
    Column("max_event_age_s", Integer, nullable=False),
    Column("offer", JSONB, nullable=False),  # {"ja": {"title", "body"}, "en": …}
    Column("messages", JSONB, nullable=False),  # {"email": {"ja": {"subject", "body"}}, …}
    # By which of them a message goes: the first that reaches the member.
    Column("channels", ARRAY(Text), nullable=False, server_default=text("'{push}'")),
    # For so long after it was to be sent, a message that its channel refuses for good goes by the next one; 0: never.
    Column("fallback_within_minutes", SmallInteger, nullable=False, server_default="60"),
    Column("picture_name", Text, nullable=True),
    # Whom it is for: one version of a saved audience; null: everybody.
    Column("audience_id", Uuid, nullable=True),
    Column("audience_version", Integer, nullable=True),
    # What a coupon is worth, when it may be used, and how often.
    Column("benefit", JSONB, nullable=False),  # coupons.redemptions.benefits.Benefit, by its `kind`
    Column("conditions", JSONB, nullable=False),  # coupons.redemptions.conditions.Conditions
    Column("coupon_uses", SmallInteger, nullable=False),
    # Until when a coupon is good: one of the three (coupons.issuing.validity).
    Column("coupon_valid_s", Integer, nullable=True),
    Column("coupon_valid_days", Integer, nullable=True),
    at_column("coupon_valid_until", nullable=True),
    # Final: from then on none of its coupons can be used, whenever it was issued (coupons.withdrawal).
    at_column("withdrawn_at", nullable=True),
    Column("withdrawal_reason", JSONB, nullable=True),  # {"ja": "…", "en": "…"}
    # What comes after a coupon: [coupons.campaigns.follow_ups.FollowUpStep]; and whether some version had steps, so
    # that those whom it began with are looked for.
    Column("follow_ups", JSONB, nullable=False, server_default=text("'[]'")),
    Column("had_follow_ups", Boolean, nullable=False, server_default="false"),
    Column("current_version", Integer, nullable=False),  # its last one in `campaign_versions`
    Column("version", BigInteger, nullable=False, server_default="0"),  # the campaign_version of its last change
    at_column("created_at"),
    one_of("state", "draft", "running", "paused", "ended"),
    one_of(
        "trigger", "enter", "exit", "dwell", "stay", "cross", "visit", *_COUNTED, "stamps", "code", "follow_up", *_TIMED
    ),
    CheckConstraint(
        "jsonb_typeof(trigger_settings) = 'object' AND (trigger_settings <> '{}') = (trigger IN"
        " ('stay', 'nth_visit', 'every_nth_visit', 'schedule', 'birthday', 'lapsed',"
        " 'points_expiring', 'coupon_expiring', 'rank_expiring', 'rank_reached'))",
        name="trigger_settings",
    ),
    CheckConstraint(
        "trigger NOT IN ('nth_visit', 'every_nth_visit')"
        " OR ((trigger_settings ->> 'n')::int BETWEEN 2 AND 1000) IS TRUE",
        name="visit_number",
    ),
    CheckConstraint(
        "trigger <> 'stay' OR ((trigger_settings ->> 'minutes')::int BETWEEN 1 AND 1440) IS TRUE", name="stay_minutes"
    ),
    CheckConstraint(
        "frequency = 'once' OR trigger NOT IN ('first_visit', 'nth_visit', 'every_nth_visit', 'stamps', 'joined',"
        " 'claimed')",
        name="once_an_event",
    ),
    CheckConstraint(
        "frequency IN ('once', 'rolling') OR trigger NOT IN ('code', 'broadcast', 'schedule', 'birthday', 'lapsed',"
        " 'points_expiring', 'coupon_expiring', 'rank_expiring')",
        name="events_apart",
    ),
    CheckConstraint(
        "channels <@ ARRAY['push', 'line', 'email', 'sms', 'voice'] AND cardinality(channels) >= 1"
        " AND coalesce(cardinality(array_positions(channels, 'push')), 0) <= 1"
        " AND coalesce(cardinality(array_positions(channels, 'line')), 0) <= 1"
        " AND coalesce(cardinality(array_positions(channels, 'email')), 0) <= 1"
        " AND coalesce(cardinality(array_positions(channels, 'sms')), 0) <= 1"
        " AND coalesce(cardinality(array_positions(channels, 'voice')), 0) <= 1",
        name="channels",
    ),
    CheckConstraint("fallback_within_minutes BETWEEN 0 AND 1440", name="fallback_within_minutes"),
    one_of("frequency", "once", "daily", "weekly", "monthly", "rolling"),
    CheckConstraint("(frequency = 'rolling') = (every_days IS NOT NULL)", name="every_days"),
    CheckConstraint("every_days >= 2", name="days"),
    CheckConstraint("cooldown_s > 0 AND (frequency <> 'once' OR cooldown_s IS NULL)", name="cooldown_s"),
    CheckConstraint("least(cap, store_cap, day_cap, store_day_cap) >= 0", name="caps"),
    CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="period"),
    CheckConstraint("(quiet_start IS NULL) = (quiet_end IS NULL)", name="quiet_hours"),
    CheckConstraint("own_quiet_hours OR quiet_start IS NULL", name="own_quiet_hours"),
    CheckConstraint("store_groups = '{}' OR NOT all_stores", name="store_groups"),
    CheckConstraint(
        "jsonb_typeof(follow_ups) = 'array' AND jsonb_array_length(follow_ups) <= 10"
        " AND (had_follow_ups OR follow_ups = '[]')",
        name="follow_ups",
    ),
    CheckConstraint("max_event_age_s > 0", name="seconds"),
    CheckConstraint("num_nonnulls(coupon_valid_s, coupon_valid_days, coupon_valid_until) = 1", name="coupon_validity"),
    CheckConstraint("coupon_valid_s > 0 AND coupon_valid_days > 0", name="coupon_valid"),
    CheckConstraint("jsonb_typeof(hours) = 'array'", name="hours"),
    CheckConstraint("priority BETWEEN 0 AND 1000", name="priority"),
    CheckConstraint("length(exclusive_group) BETWEEN 1 AND 100", name="exclusive_group"),
    CheckConstraint("coupon_uses BETWEEN 1 AND 100", name="coupon_uses"),
    CheckConstraint(
        "CASE benefit ->> 'kind' WHEN 'text' THEN true"
        " WHEN 'percent_off' THEN (benefit ->> 'percent')::int BETWEEN 1 AND 100"
        " WHEN 'amount_off' THEN (benefit ->> 'amount')::bigint > 0"
        " WHEN 'free_item' THEN (benefit ->> 'quantity')::int > 0"
        " WHEN 'item_price' THEN (benefit ->> 'price')::bigint >= 0 AND (benefit ->> 'quantity')::int > 0"
        " WHEN 'extra_points' THEN (benefit ->> 'points')::bigint > 0"
        " WHEN 'points_multiplied' THEN (benefit ->> 'times')::int BETWEEN 2 AND 100"
        " WHEN 'extra_stamps' THEN (benefit ->> 'quantity')::int > 0 AND benefit ->> 'stamp_card' <> ''"
        " ELSE false END IS TRUE",
        name="benefit",
    ),
    CheckConstraint(
        "benefit ->> 'kind' NOT IN ('free_item', 'item_price')"
        " OR jsonb_array_length(conditions -> 'item_codes') + jsonb_array_length(conditions -> 'categories') > 0",
        name="items",
    ),
    CheckConstraint(
        "(conditions ->> 'company' = 'group') = (conditions ->> 'group' IS NOT NULL)"
        " AND (conditions ->> 'min_spend')::bigint >= 0",
        name="conditions",
    ),
    CheckConstraint("min_trust BETWEEN 0 AND 5", name="min_trust"),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name="withdrawal_reason"),
    CheckConstraint("withdrawn_at IS NULL OR state = 'ended'", name="withdrawn_at"),
    CheckConstraint("(audience_id IS NULL) = (audience_version IS NULL)", name="audience"),
    ForeignKeyConstraint(
        ["audience_id", "audience_version", "program_id"],
        ["audience_versions.audience_id", "audience_versions.version", "audience_versions.program_id"],
    ),
    ForeignKeyConstraint(["picture_name", "program_id"], ["pictures.name", "pictures.program_id"]),
    Index(None, "program_id", "created_at"),
    Index(None, "program_id", "version"),
    unturned("name"),
)

campaign_stores = Table(
    "campaign_stores",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("is_named", Boolean, nullable=False),  # else one of its `store_groups` brings it, as long as it is in it
    PrimaryKeyConstraint("campaign_id", "store_id"),
)

# What a campaign said, and until when: one row a change. A coupon refers to the version that issued it and keeps what
# that says of words, worth and conditions: these stand beside the whole, which may name ten thousand stores.
campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("definition", JSONB, nullable=False),  # coupons.campaigns.campaign.Campaign as it was
    Column("offer", JSONB, Computed("definition -> 'offer'", persisted=True), nullable=False),
    Column("benefit", JSONB, Computed("definition -> 'grant' -> 'benefit'", persisted=True), nullable=False),
    Column("conditions", JSONB, Computed("definition -> 'grant' -> 'conditions'", persisted=True), nullable=False),
    Column("follow_ups", JSONB, Computed("coalesce(definition -> 'follow_ups', '[]')", persisted=True), nullable=False),
    at_column("changed_at"),
    Column("changed_by", Uuid, ForeignKey("staff.id"), nullable=True),  # null: nobody of the staff
    PrimaryKeyConstraint("campaign_id", "version"),
    CheckConstraint("version > 0", name="version"),
)

# What a variant of a campaign gives in place of the campaign's own words, benefit, or both. Coupons refer to it, so it
# never changes.
variant_offers = Table(
    "variant_offers",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("offer", JSONB, nullable=True),
    Column("benefit", JSONB, nullable=True),
    at_column("created_at"),
    PrimaryKeyConstraint("campaign_id", "version"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("num_nonnulls(offer, benefit) > 0", name="given"),
)

# One for each thing that is capped: a campaign (no store, no day), one of its stores, a business day, a store's
# business day. Its id is made of what it caps (coupons.issuing.budgets).
budgets = Table(
    "budgets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=True),
    Column("day", Date, nullable=True),
    Column("cap", BigInteger, nullable=False),
    Column("allotted", BigInteger, nullable=False),  # to slices: issued, or free in one of them
    UniqueConstraint("campaign_id", "store_id", "day", postgresql_nulls_not_distinct=True),
    CheckConstraint("allotted BETWEEN 0 AND cap", name="allotted"),
    Index("budgets_day_idx", "day", postgresql_where=text("day IS NOT NULL")),
)

# Places that were allotted and not issued. A transaction takes them from a row that no other one holds, so that no two
# wait for each other as long as places are left.
slices = Table(
    "slices",
    metadata,
    Column("budget_id", Uuid, ForeignKey("budgets.id"), nullable=False),
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("free", BigInteger, nullable=False),
    PrimaryKeyConstraint("budget_id", "id"),
    CheckConstraint("free >= 0", name="free"),
)

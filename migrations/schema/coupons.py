"""Campaigns, their budgets with slices, and the coupons that they issue."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, id_column, member_column, metadata, one_of, program_column

# How often a member has had a coupon of a campaign that keeps a distance between two: who decides by the last one
# compares and swaps.
member_campaigns = Table(
    "member_campaigns",
    metadata,
    member_column(),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("member_id", "campaign_id"),
    CheckConstraint("version > 0", name="version"),
)

# What programs, stores and versions of campaigns a coupon refers to is never deleted, nor are versions changed, so that
# no foreign key looks their rows up again for each coupon (docs/decisions/0074).
coupons = Table(
    "coupons",
    metadata,
    member_column(),
    id_column(),
    Column("program_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column(
        "campaign_version", Integer, nullable=False, server_default="1"
    ),  # whose words, worth and conditions it keeps
    Column("variant_version", Integer, nullable=True),  # what gives other words or worth in place of those
    Column("period_key", Text, nullable=False),
    Column("store_id", Uuid, nullable=True),  # where it was earned, if at a store
    at_column("event_at"),
    Column("business_day", Date, nullable=False),  # of the event, where it was earned
    at_column("issued_at"),
    at_column("expires_at"),
    Column("uses", SmallInteger, nullable=False, server_default="1"),
    PrimaryKeyConstraint("member_id", "id"),
    # The exactly-once of Noren: an index, never read-then-write.
    UniqueConstraint("member_id", "campaign_id", "period_key"),
    CheckConstraint("expires_at > issued_at", name="expires_at"),
    CheckConstraint("uses BETWEEN 1 AND 100", name="uses"),
    ForeignKeyConstraint(["campaign_id", "variant_version"], ["variant_offers.campaign_id", "variant_offers.version"]),
    Index(None, "campaign_id"),
)

# Coupons of one member for one receipt: held for a while, used all together or not at all, and given back together.
reservations = Table(
    "reservations",
    metadata,
    member_column(),
    id_column(),
    program_column(),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),  # of the basket, without coupons
    Column("discount", BigInteger, nullable=False),
    Column("lines", JSONB, nullable=False),  # [{"quantity", "amount", "discount", "points", "returned"}]: no article
    Column("stamps", JSONB, nullable=False, server_default="{}"),  # {code of a stamp card: how many they bring}
    Column("uses", SmallInteger, nullable=False),  # how many it held: what it takes off is what all of them do
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    at_column("reserved_at"),
    at_column("held_until"),
    at_column("redeemed_at", nullable=True),
    at_column("voided_at", nullable=True),
    Column("receipt", Text, nullable=True),
    Column("standing_receipt", Text, nullable=True),  # as long as it stands: a store's counts once a member
    PrimaryKeyConstraint("member_id", "id"),
    UniqueConstraint("member_id", "store_id", "standing_receipt"),
    CheckConstraint("discount BETWEEN 0 AND amount", name="discount"),
    CheckConstraint("refunded BETWEEN 0 AND amount - discount", name="refunded"),
    CheckConstraint("uses > 0", name="uses"),
    CheckConstraint("held_until > reserved_at", name="held_until"),
    CheckConstraint("(redeemed_at IS NULL) = (receipt IS NULL)", name="receipt"),
    CheckConstraint(
        "standing_receipt IS NOT DISTINCT FROM CASE WHEN voided_at IS NULL THEN receipt END", name="standing_receipt"
    ),
    CheckConstraint("redeemed_at IS NOT NULL OR refunded = 0", name="redeemed_at"),
    CheckConstraint("jsonb_typeof(stamps) = 'object'", name="stamps"),
    # Whose coupons are on one receipt.
    Index(None, "store_id", "standing_receipt", postgresql_where=text("standing_receipt IS NOT NULL")),
)

# One row for each use of a coupon that is gone, or held for a while: `use_no` counts from 1 to the coupon's `uses`, so
# that the key lets no more of them go than there are.
redemptions = Table(
    "redemptions",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    Column("use_no", SmallInteger, nullable=False, server_default="1"),
    Column("uses", SmallInteger, nullable=False, server_default="1"),  # the coupon's
    program_column(),
    Column("campaign_id", Uuid, nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=True),  # the till's; of another end the coupon's
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=True),
    Column("redemption_id", Uuid, nullable=True),  # of the use at a till: an undo refers to it
    # A use ends once: at a till, when it moves to the member that its own became, when the scan that issued it is
    # undone, because the person has had the period's coupon as another member, who became this one, or as the staff
    # void the coupon. One key decides between them.
    Column("moved_to", Uuid, nullable=True),
    Column("undone_scan_id", Uuid, nullable=True),
    Column("had_as", Uuid, nullable=True),
    Column("void_id", Uuid, nullable=True),
    # Or it has not ended: a reservation holds it until then, and from then on it is as if this row were not there.
    at_column("held_until", nullable=True),
    Column("reservation_id", Uuid, nullable=True),
    at_column("redeemed_at"),  # or held, or ended otherwise
    PrimaryKeyConstraint("member_id", "coupon_id", "use_no"),
    CheckConstraint("use_no BETWEEN 1 AND uses", name="use_no"),
    CheckConstraint("num_nonnulls(till_id, moved_to, undone_scan_id, had_as, void_id, held_until) = 1", name="end"),
    CheckConstraint("held_until IS NULL OR reservation_id IS NOT NULL", name="held_until"),
    CheckConstraint("reservation_id IS NULL OR till_id IS NOT NULL OR held_until IS NOT NULL", name="reservation_id"),
    CheckConstraint("till_id IS NULL OR store_id IS NOT NULL", name="store_id"),
    CheckConstraint("(till_id IS NULL) = (redemption_id IS NULL)", name="redemption_id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    ForeignKeyConstraint(["member_id", "reservation_id"], ["reservations.member_id", "reservations.id"]),
    Index(None, "campaign_id", "redeemed_at"),
    Index(None, "member_id", "reservation_id", postgresql_where=text("reservation_id IS NOT NULL")),
    Index("redemptions_of_till_idx", "till_id", "redeemed_at", postgresql_where=text("till_id IS NOT NULL")),
)

# A coupon that the staff have ended, and may give back as it was (`lifted_at`). One void of a coupon stands at a time.
coupon_voids = Table(
    "coupon_voids",
    metadata,
    Column("member_id", Uuid, nullable=False),
    id_column(),
    Column("coupon_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),  # for the staff
    Column("voided_by", Uuid, ForeignKey("staff.id"), nullable=False),
    at_column("voided_at"),
    Column("lifted_by", Uuid, ForeignKey("staff.id"), nullable=True),
    at_column("lifted_at", nullable=True),
    PrimaryKeyConstraint("member_id", "id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason"),
    CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by"),
    CheckConstraint("lifted_at >= voided_at", name="lifted_at"),
    Index(
        "coupon_voids_standing_idx", "member_id", "coupon_id", unique=True, postgresql_where=text("lifted_at IS NULL")
    ),
)

# All uses of a coupon whose void stands, those too that were made before: as long as it does, no use is given back.
voided_uses = Table(
    "voided_uses",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    Column("use_no", SmallInteger, nullable=False),
    Column("void_id", Uuid, nullable=False),
    PrimaryKeyConstraint("member_id", "coupon_id", "use_no"),
    ForeignKeyConstraint(
        ["member_id", "coupon_id", "use_no"],
        ["redemptions.member_id", "redemptions.coupon_id", "redemptions.use_no"],
    ),
    ForeignKeyConstraint(["member_id", "void_id"], ["coupon_voids.member_id", "coupon_voids.id"]),
    Index(None, "member_id", "void_id"),
)

# Taken back by the till; the coupon may be redeemed again, under another redemption_id.
undone_redemptions = Table(
    "undone_redemptions",
    metadata,
    member_column(),
    Column("redemption_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    at_column("redeemed_at"),
    at_column("undone_at"),
    PrimaryKeyConstraint("member_id", "redemption_id"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    CheckConstraint("undone_at >= redeemed_at", name="undone_at"),
    Index(None, "campaign_id", "undone_at"),
)

# What tills report of coupons that they took without a line: booked as a redemption, or in conflict with what stood
# already. The key makes a repeated report the same one.
offline_redemptions = Table(
    "offline_redemptions",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("coupon_id", Uuid, nullable=False),
    Column("till_id", Uuid, ForeignKey("tills.id"), nullable=False),
    at_column("redeemed_at"),  # by the till's clock
    id_column(),
    program_column(),
    Column("campaign_id", Uuid, nullable=False),
    Column("store_id", Uuid, ForeignKey("stores.id"), nullable=False),
    at_column("reported_at"),
    Column("redemption_id", Uuid, nullable=True),  # where it was booked
    Column("conflict", Text, nullable=True),  # why it was not
    # The use that stands in its place, where there is one.
    Column("first_store_id", Uuid, ForeignKey("stores.id"), nullable=True),
    Column("first_till_id", Uuid, ForeignKey("tills.id"), nullable=True),
    at_column("first_redeemed_at", nullable=True),
    PrimaryKeyConstraint("member_id", "coupon_id", "till_id", "redeemed_at"),
    ForeignKeyConstraint(["member_id", "coupon_id"], ["coupons.member_id", "coupons.id"]),
    one_of(
        "conflict",
        "moved",
        "undone",
        "had",
        "redeemed",
        "voided",
        "withdrawn",
        "expired",
        "other_store",
        "too_early",
        "outside_hours",
        "blocked",
    ),
    CheckConstraint("num_nonnulls(redemption_id, conflict) = 1", name="outcome"),
    CheckConstraint(
        "num_nonnulls(first_store_id, first_till_id, first_redeemed_at) = ANY (ARRAY[0, 3])"
        " AND (first_till_id IS NULL OR conflict IS NOT NULL)",
        name="first",
    ),
    Index("offline_conflicts_idx", "program_id", "id", postgresql_where=text("conflict IS NOT NULL")),
    Index(None, "program_id", "reported_at"),
)

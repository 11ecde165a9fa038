"""Facts of members, and the audiences that are written over them."""

from geoalchemy2 import Geography
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

from migrations.schema.columns import at_column, member_column, metadata, program_column, unturned

_NONE_YET = text("0")

# Where postal codes lie, the same for all programs: an operator brings the table, since none is free and up to date.
postal_places = Table(
    "postal_places",
    metadata,
    Column("postal_code", Text, nullable=False),
    Column("location", Geography("POINT", srid=4326, spatial_index=False), nullable=False),
    PrimaryKeyConstraint("postal_code"),
    CheckConstraint("postal_code ~ '^[0-9]{7}$'", name="postal_code"),
)

# One row a person, in the transactions that change what it tells; of members who were merged or erased there is none.
# Narrow, so that an audience over a million members is read in one go: what is rarely asked stays where it is.
member_facts = Table(
    "member_facts",
    metadata,
    member_column(),
    program_column(),
    Column("is_active", Boolean, nullable=False),
    Column("may_profile", Boolean, nullable=False),
    Column("home_store_id", Uuid, ForeignKey("stores.id"), nullable=True),  # where they joined
    at_column("joined_at"),
    Column("visits", Integer, nullable=False, server_default=_NONE_YET),
    Column("first_visit_on", Date, nullable=True),
    Column("last_visit_on", Date, nullable=True),
    Column("purchases", Integer, nullable=False, server_default=_NONE_YET),
    Column("spend", BigInteger, nullable=False, server_default=_NONE_YET),
    at_column("last_purchase_at", nullable=True),
    Column("points", BigInteger, nullable=False, server_default=_NONE_YET),
    Column("rank_code", Text, nullable=True),
    Column("stamps", Integer, nullable=False, server_default=_NONE_YET),
    Column("coupons_issued", Integer, nullable=False, server_default=_NONE_YET),
    Column("coupons_used", Integer, nullable=False, server_default=_NONE_YET),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("visits >= 0 AND purchases >= 0 AND spend >= 0 AND points >= 0 AND stamps >= 0", name="counts"),
    # Not one against the other: a row with what is added must be good by itself, before it meets the one that is there.
    CheckConstraint("coupons_issued >= 0 AND coupons_used >= 0", name="coupons"),
    CheckConstraint(
        "(visits = 0) = (first_visit_on IS NULL) AND (visits = 0) = (last_visit_on IS NULL)"
        " AND first_visit_on <= last_visit_on",
        name="visit_days",
    ),
    CheckConstraint("(purchases = 0) = (last_purchase_at IS NULL)", name="last_purchase_at"),
    Index(None, "program_id", "member_id"),
    # A part of the members is found without a look at all of them (audiences/estimate.py).
    Index("member_facts_part_idx", "program_id", text("uuid_hash(member_id)")),
    postgresql_with={"fillfactor": "80"},
)

audiences = Table(
    "audiences",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),  # the newest
    at_column("created_at"),
    at_column("changed_at"),
    at_column("removed_at", nullable=True),  # its versions stay: campaigns that ran with one can be explained
    UniqueConstraint("id", "program_id"),
    CheckConstraint("version > 0", name="version"),
    Index(None, "program_id", "id"),
    unturned("name"),
)

# Never changed: a campaign keeps the one that it was started with.
audience_versions = Table(
    "audience_versions",
    metadata,
    Column("audience_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    program_column(),
    Column("tree", JSONB, nullable=False),  # its references name a version each
    # The attributes that it asks for, by key, with all that it refers to: their kinds, which never change.
    Column("attributes", JSONB, nullable=False),
    at_column("created_at"),
    PrimaryKeyConstraint("audience_id", "version"),
    UniqueConstraint("audience_id", "version", "program_id"),
    ForeignKeyConstraint(["audience_id", "program_id"], ["audiences.id", "audiences.program_id"]),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("jsonb_typeof(tree) = 'object' AND jsonb_typeof(attributes) = 'object'", name="tree"),
)

# What a version refers to: what is referred to is not removed.
audience_references = Table(
    "audience_references",
    metadata,
    Column("audience_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("of_audience_id", Uuid, nullable=False),
    Column("of_version", Integer, nullable=False),
    PrimaryKeyConstraint("audience_id", "version", "of_audience_id", "of_version"),
    ForeignKeyConstraint(["audience_id", "version"], ["audience_versions.audience_id", "audience_versions.version"]),
    ForeignKeyConstraint(
        ["of_audience_id", "of_version"], ["audience_versions.audience_id", "audience_versions.version"]
    ),
    CheckConstraint("of_audience_id <> audience_id", name="of_audience_id"),
    Index(None, "of_audience_id", "of_version"),
)

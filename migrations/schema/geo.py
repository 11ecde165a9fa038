"""Geofences, who is inside of them, and the crossings of their borders."""

from geoalchemy2 import Geography, Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import (
    at_column,
    id_column,
    map_columns,
    member_column,
    metadata,
    one_of,
    program_column,
    unturned,
)

# By cosd(): radians() refuses a latitude next to the smallest number there is.
# Degrees, for the search of a map's tiles: no smaller than the shape, past 180 where a circle is.
_BOX = """
CASE WHEN area IS NOT NULL THEN ST_Envelope(area)
     ELSE ST_SetSRID(ST_Expand(centre::geometry,
                               radius_m / 110000 / cosd(least(abs(ST_Y(centre::geometry)), 89)),
                               radius_m / 110000), 4326)
END
"""
# Of an area its box's, or, where that goes around the world, of one of its parts.
_MIDDLE_LON, _MIDDLE_LAT = (
    f"""
CASE WHEN centre IS NOT NULL THEN ST_{axis}(centre::geometry)
     WHEN ST_XMax(area) - ST_XMin(area) > 180 THEN ST_{axis}(ST_PointOnSurface(area))
     ELSE (ST_{axis}Min(area) + ST_{axis}Max(area)) / 2
END
""".strip()
    for axis in "XY"
)

geofences = Table(
    "geofences",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
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
    Column("report_crossings", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False),  # the program's fence_version of its last change
    Column("box", Geometry("GEOMETRY", srid=4326, spatial_index=False), Computed(_BOX.strip(), persisted=True)),
    *map_columns(f"({_MIDDLE_LON})", f"({_MIDDLE_LAT})"),
    at_column("created_at"),
    at_column("deleted_at", nullable=True),
    CheckConstraint("btrim(name) <> ''", name="name"),
    CheckConstraint("(centre IS NULL) <> (area IS NULL)", name="shape"),
    CheckConstraint("radius_m > 0 AND radius_m <= 100000", name="radius_m"),
    CheckConstraint("area IS NULL OR ST_IsValid(area)", name="area"),
    CheckConstraint(
        "exit_margin_m >= 0 AND exit_confirm_s >= 0 AND exit_confirm_fixes >= 1 AND dwell_s > 0", name="settings"
    ),
    Index(None, "program_id", "version"),
    Index(None, "store_id"),
    Index(None, "box", postgresql_using="gist", postgresql_where=text("deleted_at IS NULL")),
    # A map from afar: who is in its tiles, and which of them are wide enough to be seen.
    Index(None, "program_id", "map_x", postgresql_where=text("deleted_at IS NULL")),
    Index(None, "program_id", "radius_m", postgresql_where=text("deleted_at IS NULL")),
    unturned("name"),
)

presences = Table(
    "presences",
    metadata,
    Column("member_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("program_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    at_column("watermark", nullable=True),
    Column("stays", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    # The last fix that was believed, a jump that is not yet, and how far the device's clock and pauses lag.
    Column("motion", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    at_column("next_due_at", nullable=True),  # when to sweep it if no fix comes; null: it has no stays
    PrimaryKeyConstraint("member_id", "device_id"),
    ForeignKeyConstraint(["member_id", "device_id"], ["devices.member_id", "devices.id"]),
    CheckConstraint("jsonb_typeof(stays) = 'array'", name="stays"),
    Index(None, "next_due_at", postgresql_where=text("next_due_at IS NOT NULL")),
    postgresql_with={"fillfactor": "60"},
)

transitions = Table(
    "transitions",
    metadata,
    member_column(),
    at_column("received_at"),
    id_column(),
    Column("program_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("store_id", Uuid, nullable=False),
    Column("geofence_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    at_column("event_at"),
    Column("minutes", SmallInteger, nullable=True),  # of a stay: how long it had been
    PrimaryKeyConstraint("member_id", "received_at", "id"),
    one_of("kind", "enter", "exit", "dwell", "stay", "cross"),
    CheckConstraint("(kind = 'stay') = (minutes IS NOT NULL)", name="minutes"),
    Index(None, "store_id", "id"),
    postgresql_partition_by="RANGE (received_at)",
)

"""What all tables are written with: the names of constraints, and the columns that most of them have."""

from sqlalchemy import CheckConstraint, Column, Computed, DateTime, Float, ForeignKey, MetaData, Uuid

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def at_column(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def unturned(column: str) -> CheckConstraint:
    """No sign that turns the direction of writing (kit/names.py)."""
    return CheckConstraint(rf"{column} !~ '[\u202a-\u202e\u2066-\u2069]'", name=f"{column}_direction")


def id_column() -> Column[object]:
    return Column("id", Uuid, nullable=False)


def program_column() -> Column[object]:
    return Column("program_id", Uuid, ForeignKey("programs.id"), nullable=False)


def member_column() -> Column[object]:
    return Column("member_id", Uuid, ForeignKey("members.member_id"), nullable=False)


def map_columns(lon: str, lat: str) -> tuple[Column[object], Column[object]]:
    """Where a map's groups count it: on Mercator's plane, whose square is one wide, from the north-west.

    180 degrees east is on the last tile, and the poles, which no map has, are above and below it.
    """
    near = f"greatest(-89.9, least(89.9, {lat}))"
    down = f"(1 - ln(tand({near}) + 1 / cosd({near})) / pi()) / 2"
    return (
        Column("map_x", Float, Computed(f"least(({lon} + 180) / 360, 0.9999999)", persisted=True)),
        Column("map_y", Float, Computed(down, persisted=True)),
    )

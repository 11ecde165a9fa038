"""The one truth of the schema: a file for each package, with the tables that this package owns; some have several.

Alembic compares the migrated database with it (`./run check`). Rules (docs/decisions/0003):

- `member_id` is the first column in the primary key of every table that grows with members.
- Programs and what their staff write (stores, geofences, campaigns, budgets, rules) are reference tables.
- What must be unique across members is the key of a table that finds the member (`handles`, `receipts`).

The same DDL then serves plain PostgreSQL and Citus. A package's SQL reads and writes its own tables; the exceptions are
listed in tests/test_queries.py.
"""

from types import ModuleType

from sqlalchemy import Table

from migrations.schema import (
    audiences,
    campaigns,
    cards,
    channels,
    coupons,
    decisions,
    experiments,
    follow_ups,
    geo,
    imports,
    line,
    mail,
    members,
    messenger,
    outbox,
    paper_codes,
    phone,
    points,
    profiles,
    programs,
    purchases,
    push,
    receipts,
    recovery,
    runs,
    server,
    staff_factors,
    visits,
)
from migrations.schema.columns import metadata

__all__ = ["OWNERS", "metadata"]


def _tables_of(package: ModuleType) -> list[Table]:
    return [value for value in vars(package).values() if isinstance(value, Table)]


# Table -> the package that owns it.
OWNERS = {
    table.name: package.__name__.rpartition(".")[2]
    for package in (
        programs,
        members,
        audiences,
        cards,
        visits,
        purchases,
        points,
        geo,
        coupons,
        experiments,
        outbox,
        push,
        channels,
        imports,
        server,
    )
    for table in _tables_of(package)
}
OWNERS |= {table.name: "members" for package in (profiles, mail, recovery) for table in _tables_of(package)}
OWNERS |= {table.name: "programs" for table in _tables_of(staff_factors)}
OWNERS |= {table.name: "push" for table in _tables_of(receipts)}
OWNERS |= {table.name: "channels" for package in (line, messenger, phone) for table in _tables_of(package)}
OWNERS |= {
    table.name: "coupons"
    for package in (campaigns, decisions, follow_ups, runs, paper_codes)
    for table in _tables_of(package)
}

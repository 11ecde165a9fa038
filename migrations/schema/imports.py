"""Members whom a chain brings along: the runs of its files, what the files said, and the contacts that wait."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.schema.columns import at_column, member_column, metadata, one_of, program_column

_OPEN = "state IN ('waiting', 'running')"
_COUNTS = ("rows_read", "created", "updated", "unchanged", "refused", "remarks")

# One reading of a file. It names nobody.
import_runs = Table(
    "import_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    program_column(),
    Column("state", Text, nullable=False),
    Column("is_dry_run", Boolean, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("started_by", Text, nullable=False),  # the person of the staff, or the operator
    # What it was found to be, as it is shown; null until it was read to its end once.
    Column("reading", JSONB, nullable=True),
    Column("rows_total", Integer, nullable=True),
    # Of each count: up to the last batch that was committed, in whose transaction it changes.
    *(Column(name, Integer, nullable=False, server_default="0") for name in _COUNTS),
    # Why the file as a whole was refused.
    Column("refusal", Text, nullable=True),
    at_column("created_at"),
    at_column("ended_at", nullable=True),
    # How often it was taken up since its last batch: what breaks off at the same place each time is given up.
    Column("fruitless_tries", Integer, nullable=False, server_default="0"),
    # Some process is at it; grows with each batch.
    at_column("lease_until", nullable=True),
    one_of("state", "waiting", "running", "done", "refused", "stopped"),
    CheckConstraint("octet_length(file_sha256) = 32", name="file_sha256"),
    CheckConstraint("length(file_name) BETWEEN 1 AND 200", name="file_name"),
    CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refusal"),
    CheckConstraint(f"({_OPEN}) = (ended_at IS NULL)", name="ended_at"),
    CheckConstraint("created + updated + unchanged + refused <= rows_read AND rows_read <= rows_total", name="counts"),
    CheckConstraint("fruitless_tries >= 0", name="fruitless_tries"),
    # Two files at once would each see half of the other.
    Index("import_runs_open_key", "program_id", unique=True, postgresql_where=text(_OPEN)),
    Index(None, "program_id", "id"),
)

# A file that was sent, sealed, until its run is over.
import_file_pieces = Table(
    "import_file_pieces",
    metadata,
    Column("run_id", Uuid, ForeignKey("import_runs.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("sealed_bytes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("run_id", "place"),
    CheckConstraint("place >= 0", name="place"),
)

# What is wrong with rows: why one was refused, or what of one was left out. No value of the row stands in it.
import_faults = Table(
    "import_faults",
    metadata,
    Column("run_id", Uuid, ForeignKey("import_runs.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("is_refused", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "place"),
    CheckConstraint("line > 0 AND place >= 0", name="line"),
)

# What a dry run has met in its file: a keyed hash of a number or contact, and the line. Gone when it is over.
import_sightings = Table(
    "import_sightings",
    metadata,
    Column("run_id", Uuid, ForeignKey("import_runs.id"), nullable=False),
    Column("value_hash", LargeBinary, nullable=False),
    Column("line", Integer, nullable=False),
    PrimaryKeyConstraint("run_id", "value_hash"),
)

# Who came by a file, and what it said last: an import changes only what still is as an import left it.
imported_members = Table(
    "imported_members",
    metadata,
    member_column(),
    program_column(),
    Column("run_id", Uuid, ForeignKey("import_runs.id"), nullable=False),
    Column("line", Integer, nullable=False),
    # Of the row: the same one again changes nothing.
    Column("row_hash", LargeBinary, nullable=False),
    Column("profile", JSONB, nullable=False),
    # What is added to the visits that are recorded here.
    Column("visits", Integer, nullable=True),
    Column("first_visit_on", Date, nullable=True),
    Column("last_visit_on", Date, nullable=True),
    at_column("imported_at"),
    # When somebody made it theirs on a phone; null: the member waits.
    at_column("claimed_at", nullable=True),
    PrimaryKeyConstraint("member_id"),
    CheckConstraint("octet_length(row_hash) = 16", name="row_hash"),
    CheckConstraint("visits >= 0", name="visits"),
    CheckConstraint("first_visit_on <= last_visit_on", name="visited_on"),
    Index(None, "claimed_at", postgresql_where=text("claimed_at IS NOT NULL")),
)

# What the file says their contacts are. Nobody has confirmed them: they are no handles, and nothing is sent to them.
imported_contacts = Table(
    "imported_contacts",
    metadata,
    member_column(),
    Column("kind", Text, nullable=False),
    program_column(),
    Column("value_hash", LargeBinary, nullable=False),
    Column("sealed_value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("member_id", "kind"),
    one_of("kind", "phone", "email"),
    # Several members may have the same: a family, or one person twice.
    Index(None, "program_id", "kind", "value_hash"),
)

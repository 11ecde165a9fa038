"""What this package holds about a person: read for them, and erased."""

from kit.row_sets import load_row_sets

ROWS = load_row_sets(__file__, "personal.sql")

"""How long a till can take back what it did by mistake: a scan, a redemption. Values only."""

from datetime import timedelta

UNDO_WINDOW = timedelta(minutes=10)

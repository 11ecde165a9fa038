"""Points: the ledger, stamp cards and ranks."""

"""Moving in: a chain's members, in one file, become members here and wait for their phones (docs/moving-in.md)."""

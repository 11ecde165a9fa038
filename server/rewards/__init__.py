"""Points, stamp cards and ranks: what is earned, adjusted, expires and is shown."""

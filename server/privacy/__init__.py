"""A member's own data: the proof that it is them, export and erasure."""

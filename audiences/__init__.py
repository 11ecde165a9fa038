"""Who is meant: facts of members, trees of conditions on them, and the saved audiences that campaigns name."""

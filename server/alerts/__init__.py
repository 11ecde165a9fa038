"""What was done in a member's name is told to every contact of theirs, with a code that stops it where it can be."""

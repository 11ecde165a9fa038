"""Members: found, looked at, and put right by the staff."""

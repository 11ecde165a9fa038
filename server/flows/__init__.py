"""The flows: each takes a list of commands and carries them out in one transaction, in set-based statements."""

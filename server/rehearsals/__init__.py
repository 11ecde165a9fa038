"""Rehearsals: what a campaign would have done in the last days, from what really happened; nothing is written."""

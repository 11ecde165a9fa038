"""Explanations: why a campaign did or did not fire, in sentences."""

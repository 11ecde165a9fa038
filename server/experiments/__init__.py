"""Experiments: holdouts and variants as the staff set them, what they brought, and who came a second time."""

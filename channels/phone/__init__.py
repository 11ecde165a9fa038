"""The telephone: texts and calls through a provider, what they cost, calls that come in."""

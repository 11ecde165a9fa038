"""Pushes: what is sent to a device, the outbox it waits in, and what becomes of it."""

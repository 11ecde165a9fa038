"""Messages of one campaign, and a provider that takes them."""

from tests.push.conftest import double, outbox, running_double, sender

__all__ = ["double", "outbox", "running_double", "sender"]

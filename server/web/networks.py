"""From which network a caller calls, as the proxies that are trusted tell it."""

from kit.addresses import caller_network
from server.web.auth import Call


def network_of(request: Call) -> str:
    """Empty where it is not known: those callers count as one network."""
    return caller_network(request.client.host if request.client else "")

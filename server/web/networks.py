"""From which network a caller calls, as the proxies that are trusted tell it."""

from typing import Any

from litestar import Request

from kit.addresses import caller_network


def network_of(request: Request[Any, Any, Any]) -> str:
    """Empty where it is not known: those callers count as one network."""
    return caller_network(request.client.host if request.client else "")

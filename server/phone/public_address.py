"""Where providers reach this server: without it they can report nothing, and nothing is sent through them."""

from server.problems import Problem
from server.settings import Settings


def require_public_url(settings: Settings) -> str:
    """Raises Problem."""
    if settings.public_url is None:
        raise Problem(
            "channel-not-configured", "Ask the operator to set NOREN_PUBLIC_URL; providers report to that address."
        )
    return settings.public_url

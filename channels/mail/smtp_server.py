"""The mail server by which e-mail leaves, as a URL names it. Pure."""

from urllib.parse import unquote, urlsplit

import msgspec

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """`use_tls`: from the first byte. `start_tls`: by STARTTLS, or the message does not go."""

    host: str
    port: int
    use_tls: bool
    start_tls: bool
    username: str | None
    password: str | None


def parse_smtp_url(url: str) -> SmtpServer:
    """`smtps://` is TLS from the start (port 465). `smtp://` demands STARTTLS (port 587), but of this very machine.

    Raises ValueError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("no SMTP URL")
    use_tls = parts.scheme == "smtps"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if use_tls else 587),
        use_tls=use_tls,
        start_tls=not use_tls and parts.hostname not in _LOOPBACK,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )

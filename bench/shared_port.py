"""A port that the processes of one contender share, as those of Noren share theirs."""

import socket


def bind_shared(host: str, port: int) -> socket.socket:
    """Bound, not listening, beside other sockets on the port that were bound by this. Raises OSError."""
    shared = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind((host, port))
    return shared

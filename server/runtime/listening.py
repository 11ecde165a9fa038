"""The port: taken once and by nobody else, then shared among our own processes only.

With SO_REUSEPORT alone a second installation of the same user would join, and each would get half of the other's
requests. So the port is claimed without it, by listening, which the kernel grants to one; then it is opened to sockets
of ours, and closed again to all others: from that moment one of ours always listens.
"""

import contextlib
import errno
import socket

# Linux cuts it down to net.core.somaxconn.
_BACKLOG = 2048


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """So many listening sockets on one port, over which the kernel spreads new connections. Raises OSError."""
    try:
        claim = _listen(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(f"port {port} of {host} is taken: end what listens there, or set NOREN_PORT") from None
    if count == 1:
        return [claim]
    with claim, contextlib.ExitStack() as opened:
        claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        port = claim.getsockname()[1]  # the kernel's choice, where it was 0
        sockets = [opened.enter_context(_listen(host, port, is_shared=True)) for _ in range(count)]
        opened.pop_all()
    return sockets


def _listen(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, is_shared)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening

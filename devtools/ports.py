"""A port for a server that is started by itself, where nobody needs to know it beforehand."""

import secrets
import socket

# Systems give connections ports from 32,768 on: one of those may be another's before the server has it.
_PORTS = range(20_000, 32_000)
_named: set[int] = set()


def free_port() -> int:
    """No process names one twice."""
    while True:
        port = secrets.choice([each for each in _PORTS if each not in _named])
        try:
            with socket.create_server(("127.0.0.1", port)):
                _named.add(port)
                return port
        except OSError:  # somebody has it
            continue

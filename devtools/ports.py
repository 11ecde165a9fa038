"""A port for a server that is started by itself, where nobody needs to know it beforehand."""

import socket


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port

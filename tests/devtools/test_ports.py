"""A port that nobody has, nor gets before the server that is to have it."""

import socket

import pytest

from devtools import ports


def test_each_is_another_and_none_that_a_connection_may_get(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [ports.free_port() for _ in range(20)]
    assert max(found) < 32_768
    monkeypatch.setattr(ports, "_PORTS", [*found, ports.free_port()])
    monkeypatch.setattr(ports, "_named", set(found))
    assert ports.free_port() not in found


def test_one_that_somebody_has_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    free = ports.free_port()
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(ports, "_PORTS", [*[server.getsockname()[1]] * 20, free])
        monkeypatch.setattr(ports, "_named", set())
        assert ports.free_port() == free

"""A port is one installation's, and all of its processes'."""

import contextlib
import socket

import pytest

from server.runtime.listening import listen


def test_a_shared_port_is_closed_to_all_others() -> None:
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(each) for each in listen("127.0.0.1", 0, 3)]
        port = sockets[0].getsockname()[1]
        assert {each.getsockname()[1] for each in sockets} == {port}
        for count in (1, 3):
            with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is taken"):
                listen("127.0.0.1", port, count)


def test_a_port_of_one_process_is_closed_to_all_others() -> None:
    (only,) = listen("127.0.0.1", 0, 1)
    with only:
        for count in (1, 3):
            with pytest.raises(OSError, match="is taken"):
                listen("127.0.0.1", only.getsockname()[1], count)


def test_no_connection_is_lost_between_the_claim_and_those_who_share_it() -> None:
    """Each waits at one of the three, and none at the claim that was closed."""
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(each) for each in listen("127.0.0.1", 0, 3)]
        for each in sockets:
            each.setblocking(False)
        callers = [opened.enter_context(socket.create_connection(sockets[0].getsockname())) for _ in range(60)]
        taken = [count_waiting(each) for each in sockets]
    assert sum(taken) == len(callers)
    assert all(taken), "the kernel spreads them"


def count_waiting(listening: socket.socket) -> int:
    for count in range(10_000):
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError("it never ends")

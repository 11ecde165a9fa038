"""Requests over connections that stay, to a peer that misbehaves as it is told; and over TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench.push_peer import make_peer_context
from push import fcm_connections
from push.fcm_connections import MAX_ANSWER_BYTES, Answer, Connections, NoAnswer, NotSent
from tests.support.waiting import PATIENCE_S, until

REQUEST = b"POST /v1 HTTP/1.1\r\nHost: fcm\r\nContent-Length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\nok"


class Peer:
    """Answers the requests, in their order, with these bytes; None hangs up, b"" says nothing."""

    def __init__(self, answers: Sequence[bytes | None]) -> None:
        self._answers = list(answers)
        self.requests, self.connections = 0, 0
        self.protocols: list[str | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        secured = writer.get_extra_info("ssl_object")
        self.protocols.append(None if secured is None else secured.selected_alpn_protocol())
        try:
            while await reader.readuntil(b"{}"):
                self.requests += 1
                answer = self._answers.pop(0)
                if answer is None:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def talking(
    answers: Sequence[bytes | None], serving: ssl.SSLContext | None = None, trusting: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Peer, Connections]]:
    peer = Peer(answers)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=serving)
    scheme = "http" if serving is None else "https"
    connections = Connections(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}", trusting)
    yield peer, connections
    connections.close()
    server.close()


async def test_a_connection_stays_and_headers_are_read() -> None:
    async with talking([OK, b"HTTP/1.1 100 Continue\r\n\r\n" + OK, OK]) as (peer, connections):
        for _ in range(3):
            answer = await connections.exchange(REQUEST, PATIENCE_S)
            assert answer == Answer(200, {"content-length": "2", "retry-after": "7"}, b"ok")
        assert (peer.requests, peer.connections) == (3, 1)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_ANSWER_BYTES + 1) + b"x" * (MAX_ANSWER_BYTES + 1),
        b"",
    ],
    ids=["hangs up", "half an answer", "no HTTP", "too long", "says nothing"],
)
async def test_what_brings_no_whole_answer_is_told_and_never_repeated(answer: bytes | None) -> None:
    """The connection is of no use to the next request, which gets one of its own."""
    async with talking([OK, answer, OK]) as (peer, connections):
        await connections.exchange(REQUEST, PATIENCE_S)
        is_waiting = answer is not None and (answer == b"" or answer.endswith(b"\r\n\r\nok"))
        with pytest.raises(NoAnswer):
            await connections.exchange(REQUEST, 0.2 if is_waiting else PATIENCE_S)
        assert (peer.requests, peer.connections) == (2, 1)
        assert (await connections.exchange(REQUEST, PATIENCE_S)).status == 200
        assert (peer.requests, peer.connections) == (3, 2)


async def test_a_connection_that_the_peer_ends_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking([OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), OK, OK]) as (peer, connections):
        await connections.exchange(REQUEST, PATIENCE_S)
        await connections.exchange(REQUEST, PATIENCE_S)
        assert peer.connections == 2
        monkeypatch.setattr(fcm_connections, "IDLE_S", -1.0)  # it has idled too long
        await connections.exchange(REQUEST, PATIENCE_S)
        assert peer.connections == 3


async def test_one_that_is_given_up_leaves_nothing_to_read() -> None:
    async with talking([b"", OK]) as (peer, connections):
        waiting = asyncio.create_task(connections.exchange(REQUEST, PATIENCE_S))
        await until(lambda: peer.requests)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await connections.exchange(REQUEST, PATIENCE_S)).body == b"ok"
        assert peer.connections == 2


async def test_over_tls_http_1_is_agreed_on_with_a_peer_that_offers_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = make_peer_context(tmp_path)
    async with talking([OK], serving) as (peer, stranger):
        with pytest.raises(NotSent):
            await stranger.exchange(REQUEST, PATIENCE_S)
        assert peer.requests == 0
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    async with talking([OK], serving) as (peer, connections):
        assert (await connections.exchange(REQUEST, PATIENCE_S)).body == b"ok"
        assert peer.protocols == ["http/1.1"]


@pytest.mark.parametrize("url", ["fcm.internal", "ftp://fcm.internal", "https://"])
def test_an_address_of_no_http_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Connections(url)

"""`python -m bench.push_peer FOLDER`: stands for FCM in `./run bench push`: TLS, and HTTP/2 or HTTP/1.1 as ALPN agrees.

It takes whatever is posted, so that the clients are what is measured; a token endpoint stands beside. Writes
`account.json` and `root.pem` into the folder and tells its endpoint on stdout.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

import httptools
import uvloop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from devtools.apple_authority import issue, make_root
from devtools.service_account import make_service_account

_TOKEN = json.dumps({"access_token": "ya29.bench", "expires_in": 3600, "token_type": "Bearer"}).encode()
_TAKEN = json.dumps({"name": "projects/noren-double/messages/0:1700000000000000%0123456789abcdef"}).encode()


def _answer(path: str) -> bytes:
    return _TOKEN if path == "/token" else _TAKEN


class _OldPeer:
    """HTTP/1.1: httptools calls the `on_` methods."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer, self._path = writer, ""
        self.parser = httptools.HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        self._path = url.decode("latin-1")

    def on_message_complete(self) -> None:
        body = _answer(self._path)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)


class _NewPeer:
    """HTTP/2."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._connection.initiate_connection()
        self._paths: dict[int, str] = {}
        writer.write(self._connection.data_to_send())

    def feed_data(self, data: bytes) -> None:
        for event in self._connection.receive_data(data):
            if isinstance(event, RequestReceived):
                self._paths[event.stream_id] = {str(name): str(value) for name, value in event.headers}[":path"]
            elif isinstance(event, DataReceived):
                self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                headers = [(":status", "200"), ("content-type", "application/json; charset=UTF-8")]
                self._connection.send_headers(event.stream_id, headers)
                body = _answer(self._paths.pop(event.stream_id))
                self._connection.send_data(event.stream_id, body, end_stream=True)
        self._writer.write(self._connection.data_to_send())


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    agreed = writer.get_extra_info("ssl_object").selected_alpn_protocol()
    feed = _NewPeer(writer).feed_data if agreed == "h2" else _OldPeer(writer).parser.feed_data
    try:
        while data := await reader.read(65_536):
            feed(data)
    except (ConnectionError, httptools.HttpParserError):
        pass
    finally:
        writer.close()


def make_peer_context(folder: Path) -> ssl.SSLContext:
    holder = issue(
        {NameOID.COMMON_NAME: "127.0.0.1"}, ec.generate_private_key(ec.SECP256R1()), make_root(), is_authority=False
    )
    (folder / "root.pem").write_bytes(make_root().certificate_pem)
    (folder / "peer.pem").write_bytes(holder.certificate_pem + holder.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "peer.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])  # as Google's front ends offer
    return context


async def main(folder: Path) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, ssl=make_peer_context(folder), backlog=2048)
    endpoint = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    (folder / "account.json").write_text(json.dumps(make_service_account(f"{endpoint}/token")))
    print(endpoint, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))

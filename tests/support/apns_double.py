"""Stands for APNs: HTTP/2 over TLS that demands a client's certificate, and answers as it is told."""

import asyncio
import contextlib
import json
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from devtools.apple_authority import issue, make_root, write_files


class Answer(NamedTuple):
    status: int
    reason: str = ""
    retry_after: str = ""


class Received(NamedTuple):
    push_token: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ApnsDouble:
    """`answers` by push token, each used once; then it is 200."""

    endpoint: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        headers: dict[int, dict[str, str]] = {}
        bodies: dict[int, bytes] = defaultdict(bytes)
        with contextlib.suppress(ConnectionError):
            while raw := await reader.read(65_536):
                for event in connection.receive_data(raw):
                    if isinstance(event, RequestReceived):
                        headers[event.stream_id] = {str(name): str(value) for name, value in event.headers}
                    elif isinstance(event, DataReceived):
                        bodies[event.stream_id] += event.data
                    elif isinstance(event, StreamEnded):
                        self._answer(connection, event.stream_id, headers[event.stream_id], bodies[event.stream_id])
                writer.write(connection.data_to_send())
        writer.close()

    def _answer(self, connection: H2Connection, stream_id: int, headers: dict[str, str], body: bytes) -> None:
        push_token = headers[":path"].removeprefix("/3/device/")
        self.received.append(Received(push_token, headers, body))
        waiting = self.answers[push_token]
        answer = waiting.pop(0) if waiting else Answer(200)
        told = [(":status", str(answer.status))]
        told += [("retry-after", answer.retry_after)] if answer.retry_after else []
        connection.send_headers(stream_id, told)
        reason = json.dumps({"reason": answer.reason}).encode() if answer.reason else b""
        connection.send_data(stream_id, reason, end_stream=True)


@asynccontextmanager
async def run_apns_double(folder: Path) -> AsyncIterator[ApnsDouble]:
    """Whoever calls it must trust the root of devtools.apple_authority (SSL_CERT_FILE)."""
    holder = issue(
        {NameOID.COMMON_NAME: "127.0.0.1"}, ec.generate_private_key(ec.SECP256R1()), make_root(), is_authority=False
    )
    certificate, key = folder / "apns.pem", folder / "apns-key.pem"
    certificate.write_bytes(holder.certificate_pem)
    key.write_bytes(holder.key_pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(write_files().root))
    context.load_verify_locations(str(write_files().intermediate))
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    double = ApnsDouble()
    server = await asyncio.start_server(double.serve, "127.0.0.1", 0, ssl=context)
    double.endpoint = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield double
    finally:
        server.close()

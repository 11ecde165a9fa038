"""`python -m bench.responder PORT`: answers every post alike, by sockets alone. The ceiling of the load generator."""

import asyncio
import sys
from typing import cast

import uvloop

from bench.answers import find_body

_BODY = b'{"accepted":1,"late":0,"future":0,"mocked":0,"no_consent":0,"refused":[],"coupons":[]}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class Responder(asyncio.Protocol):
    def __init__(self) -> None:
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one, but not by inheritance

    def data_received(self, chunk: bytes) -> None:
        self._unread = self._unread + chunk if self._unread else chunk
        if find_body(self._unread) is not None:
            self._unread = b""
            self._transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Responder, "127.0.0.1", port, reuse_port=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))

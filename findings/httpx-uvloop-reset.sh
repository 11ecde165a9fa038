#!/bin/sh
# httpx 0.28.1 (httpcore 1.0.9, anyio 4.16.0) on uvloop 0.23.0: where the other side resets a connection just after it was
# made, some calls raise AttributeError ('NoneType' object has no attribute 'getpeername') and not an httpx.TransportError, so that
# `except httpx.HTTPError` lets it through. anyio asks the transport for its socket, which uvloop no longer has by then. On
# asyncio's own loop the same server gives httpx errors only. It is a race: some tries in a thousand.
# Seen: "asyncio: nothing else than httpx errors in 2000 tries; uvloop: AttributeError: 'NoneType' object has no attribute
# 'getpeername' after 20". Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httpx==0.28.1 httpcore==1.0.9 anyio==4.16.0 uvloop==0.23.0
"$folder/venv/bin/python" - <<'END'
import asyncio
import socket
import struct
import sys
import threading

import httpx
import uvloop

LINGER = struct.pack("ii", 1, 0)  # close by a reset


def answer(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        connection.close()


async def tries(url: str, most: int) -> tuple[int, str | None]:
    """How many calls were made until one raised something else than httpx's, and what."""

    async def once(client: httpx.AsyncClient) -> str | None:
        try:
            await client.get(url)
        except httpx.HTTPError:
            return None
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        for made in range(20, most + 1, 20):
            others = [other for other in await asyncio.gather(*(once(client) for _ in range(20))) if other]
            if others:
                return made, others[0]
    return most, None


listener = socket.create_server(("127.0.0.1", 0), backlog=100)
threading.Thread(target=answer, args=(listener,), daemon=True).start()
url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
plain, plain_other = asyncio.run(tries(url, 2000))
made, other = uvloop.run(tries(url, 40000))
print(f"asyncio: {plain_other or 'nothing else than httpx errors'} in {plain} tries; uvloop: {other} after {made}")
sys.exit(not (plain_other is None and other is not None and other.startswith("AttributeError")))
END

"""A small client of RESP version 2, which Redis and Tile38 speak (redis.io, "Redis serialization protocol")."""

import asyncio
from collections.abc import Iterable
from typing import TypeAlias

Reply: TypeAlias = "str | int | bytes | list[Reply] | None"


class RespError(Exception):
    """The server answered with an error, or with what is no RESP."""


def encode(*words: str | float) -> bytes:
    """A command: an array of bulk strings."""
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


class RespClient:
    """One connection. Commands may go out in pipelines; replies come in their order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, host: str, port: int) -> "RespClient":
        """Raises OSError."""
        return cls(*await asyncio.open_connection(host, port))

    async def ask(self, *words: str | float) -> Reply:
        """Raises RespError."""
        return (await self.ask_all([encode(*words)]))[0]

    async def ask_all(self, commands: Iterable[bytes]) -> list[Reply]:
        """One pipeline; its replies must fit into the sockets' buffers. Raises RespError at the first error."""
        listed = list(commands)
        self._writer.write(b"".join(listed))
        await self._writer.drain()
        return [await read_reply(self._reader) for _ in listed]

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def read_reply(reader: asyncio.StreamReader) -> Reply:
    """Strings as str, bulk strings as bytes. Raises RespError."""
    try:
        line = await reader.readuntil(b"\r\n")
        kind, text = line[:1], line[1:-2].decode()
        if kind == b"+":
            return text
        if kind == b":":
            return int(text)
        if kind == b"$":
            length = int(text)
            return None if length < 0 else (await reader.readexactly(length + 2))[:-2]
        if kind == b"*":
            return [await read_reply(reader) for _ in range(int(text))]
    except asyncio.IncompleteReadError as error:
        raise RespError("the server closed the connection") from error
    raise RespError(text if kind == b"-" else f"not a reply: {line[:80]!r}")

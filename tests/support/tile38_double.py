"""Answers as Tile38 does where the bench looks: keeps what it was told, and tells each SET inside a circle as an enter.

Only as far as the tests need it: no exits, no areas, and a degree is as long here as at the equator.
"""

import asyncio
import math

from bench.resp import Reply, RespError, encode, read_reply

DEGREE_M = 111_320.0


class Tile38Double:
    """Serve `answer` with asyncio.start_server. What was told to it stays readable."""

    def __init__(self, *, aof_size: int = 7) -> None:
        self.channels: dict[str, list[str]] = {}
        self.moves: list[tuple[str, float, float]] = []
        self.dropped: list[str] = []
        self._aof_size = aof_size
        self._listening: list[asyncio.StreamWriter] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                words = _words(await read_reply(reader))
                writer.write(self._obey(words, writer))
                await writer.drain()
        except (RespError, ConnectionError):
            writer.close()

    def _obey(self, words: list[str], writer: asyncio.StreamWriter) -> bytes:
        match words:
            case ["SERVER"]:
                return encode("aof_size", self._aof_size, "version", "9.9.9")
            case ["PSUBSCRIBE", pattern]:
                self._listening.append(writer)
                return b"*3\r\n$10\r\npsubscribe\r\n" + encode(pattern)[4:] + b":1\r\n"
            case ["SETCHAN", channel, *watch]:
                self.channels[channel] = watch
                return b":1\r\n"
            case ["SET", _, phone, "POINT", lat, lon]:
                self._move(phone, float(lat), float(lon))
                return b"+OK\r\n"
            case ["PDELCHAN" | "DROP", what]:
                self.dropped.append(what)
                return b":0\r\n"
        return b"-ERR unknown command\r\n"

    def _move(self, phone: str, lat: float, lon: float) -> None:
        self.moves.append((phone, lat, lon))
        for channel, watch in self.channels.items():
            if watch[0] == "NEARBY" and _is_inside(lat, lon, *map(float, watch[-3:])):
                for writer in self._listening:
                    writer.write(encode("pmessage", "*", channel, '{"detect":"enter"}'))


def _words(command: Reply) -> list[str]:
    return [word.decode() for word in command if isinstance(word, bytes)] if isinstance(command, list) else []


def _is_inside(lat: float, lon: float, centre_lat: float, centre_lon: float, radius_m: float) -> bool:
    return math.hypot(lat - centre_lat, (lon - centre_lon) * math.cos(math.radians(lat))) * DEGREE_M <= radius_m

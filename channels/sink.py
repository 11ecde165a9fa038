"""A channel for development: each message becomes a line of JSON in a file that only its owner can read."""

import asyncio
import os
from pathlib import Path

import msgspec

from channels.channel import Envelope, TransientDeliveryError
from channels.messages import Message


class SinkChannel:
    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, envelope: Envelope, message: Message) -> str:
        try:
            await asyncio.to_thread(self._append, _write_line(envelope, message))
        except OSError as error:
            raise TransientDeliveryError("sink") from error
        return f"sink/{envelope.message_id}"

    async def close(self) -> None:
        return None

    def _append(self, line: bytes) -> None:
        # One write to a file opened for appending: lines of several processes do not mix.
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)


def _write_line(envelope: Envelope, message: Message) -> bytes:
    """The message, and the id by which a second copy is known."""
    line = msgspec.to_builtins(message) | {"message_id": str(envelope.message_id)}
    return msgspec.json.encode(line) + b"\n"

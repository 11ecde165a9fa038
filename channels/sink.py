"""A channel for development: each message becomes a line of JSON in a file that only its owner can read."""

import asyncio
import os
from pathlib import Path

import msgspec

from channels.channel import TransientDeliveryError
from channels.messages import Message


class SinkChannel:
    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: Message) -> None:
        try:
            await asyncio.to_thread(self._append, msgspec.json.encode(message) + b"\n")
        except OSError as error:
            raise TransientDeliveryError("sink") from error

    def _append(self, line: bytes) -> None:
        # One write to a file opened for appending: lines of several processes do not mix.
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

"""The rows of a large file are read in a process of their own: one interpreter reads while another one writes.

What it needs comes on its standard input, where nobody else reads it; batches go back on its standard output. It ends
with the pipe, whatever becomes of the process that began it.
"""

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from kit.collector import collect_seldom
from server.moving_in.take_batches import Source, take_batches
from server.moving_in.write_batch import Batch

_LENGTH_BYTES = 8
_BUFFER_BYTES = 1 << 20


class ReaderEnded(OSError):
    """The process that read the file was ended by somebody."""


@asynccontextmanager
async def batches_apart(file: BinaryIO, source: Source) -> AsyncIterator[AsyncIterator[Batch]]:
    """`file` is one of the system's; nobody else reads it meanwhile. Raises what reading raises, and ReaderEnded."""
    descriptor = file.fileno()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "server.moving_in.read_apart"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        pass_fds=[descriptor],
        limit=_BUFFER_BYTES,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(pickle.dumps((descriptor, source)))
        process.stdin.close()
        yield _receive(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _receive(stream: asyncio.StreamReader) -> AsyncIterator[Batch]:
    while True:
        try:
            length = int.from_bytes(await stream.readexactly(_LENGTH_BYTES), "big")
            told = pickle.loads(await stream.readexactly(length))  # noqa: S301 - our own process wrote it
        except asyncio.IncompleteReadError:
            raise ReaderEnded("the process that reads the file has ended") from None
        if isinstance(told, Exception):
            raise told
        if told is None:
            return
        yield told


def _tell_all(file: BinaryIO, source: Source) -> Iterator[Batch | Exception | None]:
    try:
        yield from take_batches(file, source)
        yield None
    except Exception as error:
        yield error


def _main() -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it ends it
    collect_seldom()
    descriptor, source = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own process wrote it
    with open(descriptor, "rb") as file:
        for told in _tell_all(file, source):
            body = pickle.dumps(told, pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()

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
from typing import BinaryIO, cast

import msgspec

from kit.collector import collect_seldom
from members.attribute_values import Birthday
from server.moving_in.prepare import PreparedRow
from server.moving_in.take_batches import Source, take_batches
from server.moving_in.write_batch import Batch

_LENGTH_BYTES = 8
_BUFFER_BYTES = 1 << 20
_END = b"end"
_FAILED = b"failed "
_ENCODER = msgspec.msgpack.Encoder()
# In a fifth of the time that a pickle takes.
_BATCHES = msgspec.msgpack.Decoder(Batch)


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
            told = await stream.readexactly(length)
        except asyncio.IncompleteReadError:
            raise ReaderEnded("the process that reads the file has ended") from None
        if told == _END:
            return
        if told.startswith(_FAILED):
            raise pickle.loads(told.removeprefix(_FAILED))  # noqa: S301 - our own process wrote it
        yield _open(told)


def _open(told: bytes) -> Batch:
    batch = _BATCHES.decode(told)
    for each in batch.rows:
        if isinstance(each, PreparedRow) and "birthday" in each.row.standard:
            # The one value that is no text, number or list of them.
            standard = cast("dict[str, object]", each.row.standard)
            standard["birthday"] = msgspec.convert(standard["birthday"], Birthday)
    return batch


def _tell_all(file: BinaryIO, source: Source) -> Iterator[bytes]:
    try:
        for batch in take_batches(file, source):
            yield _ENCODER.encode(batch)
        yield _END
    except Exception as error:
        yield _FAILED + pickle.dumps(error)


def _main() -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it ends it
    collect_seldom()
    descriptor, source = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own process wrote it
    with open(descriptor, "rb") as file:
        for told in _tell_all(file, source):
            sys.stdout.buffer.write(len(told).to_bytes(_LENGTH_BYTES, "big") + told)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()

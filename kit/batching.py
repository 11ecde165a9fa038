"""Micro-batches: concurrent commands are gathered for a moment and run together.

`Batcher` queues commands and runs them in lists; `run_split` finds the one command that fails a list. Each caller
is answered after its own list has been committed. Of two commands with the same key (a device, say) the second waits
until the first is answered, so that a process never races with itself. A command without a key waits for nobody.
Where the database is spread, a list holds the commands of one shard, so that its transaction stays on one node.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client import Histogram

from kit import tracing
from kit.database import DatabaseUnavailable

C = TypeVar("C")
R = TypeVar("R")

# Powers of two: whether requests share transactions, and whether batches are full.
_BATCH_COMMANDS = Histogram(
    "noren_batch_commands", "Commands that shared a transaction", ["batch"], buckets=[2**power for power in range(10)]
)

# A result that is an exception fails its own command only.
Run = Callable[[Sequence[C]], Awaitable[Sequence[R | Exception]]]


# What a batch costs whatever is in it is paid for by about so many commands.
LEAST_SHARED = 16
RUNNERS = 2


class Overloaded(Exception):
    """More commands wait than can be answered in reasonable time."""

    retry_after_s = 1


async def run_split(run: Run[C, R], commands: Sequence[C]) -> list[R | Exception]:
    """Run the list; where it fails as a whole, halve it until only the commands that fail by themselves fail.

    Returns one result or exception a command, in their order. An outage that concerns all is not split.
    """
    try:
        results = list(await run(commands))
        # Never run again: it may have been committed.
        return results if len(results) == len(commands) else [RuntimeError("not one answer a command")] * len(commands)
    except Exception as error:
        if len(commands) == 1 or (isinstance(error, DatabaseUnavailable) and error.concerns_all):
            return [error] * len(commands)
    middle = len(commands) // 2
    return await run_split(run, commands[:middle]) + await run_split(run, commands[middle:])


@dataclass(slots=True)
class _Waiting(Generic[C, R]):
    command: C
    key: Hashable | None
    shard: Hashable
    answer: "asyncio.Future[R]"
    origin: tracing.Origin


class Batcher(Generic[C, R]):
    def __init__(
        self,
        run: Run[C, R],
        *,
        name: str,
        key: Callable[[C], Hashable | None],
        shard: Callable[[C], Hashable] = lambda _: None,
        max_commands: int = 500,
        max_waiting: int = 20_000,
        linger_s: float = 0.001,
        runners: int = RUNNERS,
    ) -> None:
        self._run = run
        self._sizes = _BATCH_COMMANDS.labels(name)
        self._span_name = f"batch {name}"
        self._key = key
        self._shard = shard
        self._max_commands = max_commands
        self._max_waiting = max_waiting
        self._linger_s = linger_s
        self._runner_count = runners
        self._runners: list[asyncio.Task[None]] = []
        # By shard; the one that has waited longest comes first.
        self._queues: dict[Hashable, deque[_Waiting[C, R]]] = {}
        self._held: dict[Hashable, deque[_Waiting[C, R]]] = {}
        self._waiting_count = 0
        self._wake = asyncio.Event()
        self._free_runners = runners
        self._closing = False

    def start(self) -> None:
        self._runners = [asyncio.create_task(self._serve()) for _ in range(self._runner_count)]

    async def close(self) -> None:
        """Finish what has been submitted, then stop."""
        self._closing = True
        self._wake.set()
        await asyncio.gather(*self._runners)

    async def submit(self, command: C) -> R:
        """Answer after the command's list has been committed. Raises what the command met, or Overloaded."""
        if self._closing or self._waiting_count >= self._max_waiting:
            raise Overloaded
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(command, self._key(command), self._shard(command), answer, tracing.here())
        self._waiting_count += 1
        if waiting.key in self._held:
            self._held[waiting.key].append(waiting)
        else:
            if waiting.key is not None:
                self._held[waiting.key] = deque()
            self._enqueue(waiting)
            self._wake.set()
        return await waiting.answer

    def _enqueue(self, waiting: _Waiting[C, R]) -> None:
        self._queues.setdefault(waiting.shard, deque()).append(waiting)

    async def _serve(self) -> None:
        while True:
            while not self._queues:
                if self._closing and not self._waiting_count:
                    self._wake.set()  # wakes the next runner, so that all of them end
                    return
                self._wake.clear()
                await self._wake.wait()
            if self._linger_s and len(next(iter(self._queues.values()))) < self._max_commands:
                await asyncio.sleep(self._linger_s)
            batch = self._take()
            if batch:
                self._sizes.observe(len(batch))
                self._free_runners -= 1
                try:
                    await self._run_batch(batch)
                finally:
                    self._free_runners += 1

    def _take(self) -> list[_Waiting[C, R]]:
        """What is to run together: none where other runners have taken all."""
        if not self._queues:
            return []
        shard, queue = next(iter(self._queues.items()))
        batch = [queue.popleft() for _ in range(self._fair_share(len(queue)))]
        del self._queues[shard]
        if queue:
            self._queues[shard] = queue
        return batch

    def _fair_share(self, queued: int) -> int:
        """How much of a queue a free runner takes.

        All of it would make batches and callers go in step: the loop idle while the database works, and the other way
        round. Shared among the free runners, one's computing falls into the other's waiting.
        """
        share = max(LEAST_SHARED, -(-queued // self._free_runners))
        return min(share, queued, self._max_commands)

    async def _run_batch(self, batch: list[_Waiting[C, R]]) -> None:
        origins = [waiting.origin for waiting in batch]
        with tracing.span_of_many(self._span_name, origins, {"noren.batch.commands": len(batch)}):
            results = await run_split(self._run, [waiting.command for waiting in batch])
        for waiting, result in zip(batch, results, strict=True):
            self._release(waiting.key)
            if waiting.answer.done():  # its caller went away
                continue
            if isinstance(result, Exception):
                waiting.answer.set_exception(result)
            else:
                waiting.answer.set_result(result)

    def _release(self, key: Hashable | None) -> None:
        self._waiting_count -= 1
        held = self._held.get(key)
        if held:
            self._enqueue(held.popleft())
        elif key is not None:
            del self._held[key]
        if held or self._closing:
            self._wake.set()

"""Work that would hold the interpreter, in a process of its own: a thread shares the interpreter with the event loop.

A process is started for each piece of work and ends with it (0.5 s): for what comes seldom and is heavy.
"""

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


class Apart:
    """`at_once`: how many such processes run at the same time; the others wait."""

    def __init__(self, at_once: int) -> None:
        self._slots = asyncio.Semaphore(at_once)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The function, a module's own, and what goes in and out are pickled. Raises what it raises."""
        async with self._slots:
            answer = await asyncio.to_thread(_spawn, pickle.dumps((function, args, kwargs)))
        result, error = pickle.loads(answer)  # noqa: S301 - our own process wrote it
        if error is not None:
            raise error
        return cast("R", result)


def _spawn(call: bytes) -> bytes:
    """What `answer` returns in a process of its own. Raises CalledProcessError where the process was killed."""
    path = os.pathsep.join(sys.path)
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "kit.apart"],
        input=call,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return ended.stdout


def answer(call: bytes) -> bytes:
    """Run a pickled call; what it returned and what it raised, pickled."""
    function, args, kwargs = pickle.loads(call)  # noqa: S301 - our own process wrote it
    outcome: tuple[object, BaseException | None]
    try:
        outcome = function(*args, **kwargs), None
    except Exception as error:
        outcome = None, error
    return pickle.dumps(outcome)


if __name__ == "__main__":
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))

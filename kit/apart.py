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
            result, error = await asyncio.to_thread(_run, pickle.dumps((function, args, kwargs)))
        if error is not None:
            raise error
        return cast("R", result)


def _run(call: bytes) -> tuple[object, BaseException | None]:
    """Raises CalledProcessError where the process was killed."""
    path = os.pathsep.join(sys.path)
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "kit.apart"],
        input=call,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return cast("tuple[object, BaseException | None]", pickle.loads(ended.stdout))  # noqa: S301 - our own process wrote it


def _answer() -> None:
    function, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    answer: tuple[object, BaseException | None]
    try:
        answer = function(*args, **kwargs), None
    except Exception as error:
        answer = None, error
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    _answer()

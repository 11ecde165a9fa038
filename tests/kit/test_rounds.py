import asyncio

from structlog.testing import capture_logs

from kit.database import DatabaseUnavailable
from kit.rounds import run_rounds


async def test_a_fault_keeps_no_other_task_from_its_round_and_is_one_line() -> None:
    stop = asyncio.Event()
    done: list[None] = []

    async def fail() -> float:
        if len(done) < 3:
            raise DatabaseUnavailable("away")
        return 0.0

    async def work() -> float:
        done.append(None)
        if len(done) == 5:
            stop.set()
        return 0.0

    with capture_logs() as logs:
        await run_rounds({"first.": fail, "second.": work}, stop=stop, first_wait_s=0.001, longest_wait_s=0.002)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("first.failing", "warning"),
        ("first.recovered", "info"),
    ]


async def test_the_next_round_waits_as_long_as_the_most_eager_task_says() -> None:
    stop = asyncio.Event()
    rounds: list[float] = []

    async def rest(seconds: float) -> float:
        rounds.append(seconds)
        if len(rounds) == 4:
            stop.set()
        return seconds

    tasks = {"slow.": lambda: rest(60), "fast.": lambda: rest(0.001)}
    await asyncio.wait_for(run_rounds(tasks, stop=stop, first_wait_s=1, longest_wait_s=1), 5)
    assert rounds == [60, 0.001] * 2


async def test_who_waits_is_stopped_at_once() -> None:
    stop = asyncio.Event()

    async def rest() -> float:
        asyncio.get_running_loop().call_later(0.01, stop.set)
        return 60.0

    await asyncio.wait_for(run_rounds({"task.": rest}, stop=stop, first_wait_s=1, longest_wait_s=1), 5)

"""Sessions with a test's database that the next test finds again.

A new session reads the catalogue anew, which costs PostgreSQL as much as fifty statements do. So a pool that ends
leaves its idle sessions here, and the next pool on the same database takes them, set back to what they began as. What a
test was still using ends with it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from tests.support.lasting_loop import LastingLoop

# All that a session may keep but its prepared statements, which are planned anew.
_SET_BACK = "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL; DISCARD PLANS; DISCARD TEMP"
_MOST_IDLE = 24

_Session = Any  # asyncpg's Connection, as its pool holds it
# By the database, then by whose loop and settings they are of.
_idle: dict[str, dict[tuple[object, ...], list[_Session]]] = {}


def keep_for(dsn: str) -> None:
    _idle[dsn] = defaultdict(list)


def forget(dsn: str) -> None:
    """The database is dropped, and every session with it."""
    for sessions in _idle.pop(dsn, {}).values():
        for session in sessions:
            session.terminate()


def kept_pids(dsn: str) -> list[int]:
    return [session.get_server_pid() for sessions in _idle[dsn].values() for session in sessions]


@contextmanager
def sessions_last() -> Iterator[None]:
    """Every pool of this process leaves its sessions behind, whoever opens it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg.pool, "Pool", _LeavingPool)
        yield


class _LeavingPool(asyncpg.pool.Pool):
    # asyncpg's own, which its stubs leave out.
    _connect_args: list[str]
    _connect_kwargs: dict[str, Any]
    _holders: list[Any]
    _loop: asyncio.AbstractEventLoop
    _closed: bool

    def __init__(self, dsn: str, *, connect: Any = None, **settings: Any) -> None:
        taking: Any = connect or _take
        super().__init__(dsn, connect=taking, **settings)

    def terminate(self) -> None:
        self._leave_sessions()
        super().terminate()

    async def close(self) -> None:
        self._leave_sessions()
        await super().close()

    def _leave_sessions(self) -> None:
        dsn = self._connect_args[0]
        if dsn not in _idle or self._closed or not isinstance(self._loop, LastingLoop):
            return
        for holder in self._holders:
            session = holder._con
            if session is None or not _is_fit(session) or len(kept_pids(dsn)) >= _MOST_IDLE:
                continue
            holder._maybe_cancel_inactive_callback()
            holder._con = session._pool_holder = None
            _quieten(session)
            self._loop.keep(session._transport)
            _idle[dsn][_key(self._connect_kwargs)].append(session)


def _is_fit(session: _Session) -> bool:
    return not (
        session.is_closed()
        or session._proxy is not None  # lent
        or session.is_in_transaction()
        or session._protocol._is_cancelling()
    )


def _quieten(session: _Session) -> None:
    """Whoever listened hears that it has ended."""
    session._call_termination_listeners()
    session._listeners.clear()
    session._log_listeners.clear()
    session._query_loggers.clear()


def _key(settings: dict[str, Any]) -> tuple[object, ...]:
    return (asyncio.get_running_loop(), repr(sorted(settings.items())))


async def _take(dsn: str, **arguments: Any) -> _Session:
    """As asyncpg.connect."""
    own = ("loop", "connection_class", "record_class")  # the pool's, always alike
    sessions = _idle.get(dsn, {}).get(_key({name: value for name, value in arguments.items() if name not in own}), [])
    while sessions:
        session = sessions.pop()
        try:
            await session.execute(_SET_BACK)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # a test has ended it
            session.terminate()
        else:
            return session
    return await asyncpg.connect(dsn, **arguments)

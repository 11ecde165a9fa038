"""A private PostgreSQL cluster a purpose (demo, test, bench), on a Unix socket, for as long as a command needs it.

Commands with the same purpose share its cluster: each holds a shared lock on `users.lock`, and the last one to
leave stops PostgreSQL. Commands with different purposes never meet. The kernel drops a killed command's lock, and the
next command adopts the postmaster that was left behind, or starts it again.
"""

import fcntl
import hashlib
import os
import pwd
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from devtools import postgres_install
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.cluster import Cluster
from devtools.database_server import DatabaseServer
from devtools.postgres_settings import settings_for


@contextmanager
def private_database(purpose: str) -> Iterator[DatabaseServer]:
    """The server that DATABASE_URL names, else the private cluster of this purpose with an empty database `noren`.

    What it started is stopped at the end, on SIGTERM and SIGHUP too, unless another command still uses it.
    Raises SetupError with a line for the user.
    """
    if url := os.environ.get("DATABASE_URL"):
        yield DatabaseServer(url, is_private=False)
        return
    install = postgres_install.find_or_install()
    owner = database_owner()
    state = state_directory()
    is_swept = not os.environ.get("NOREN_STATE_DIR")
    directory = state / f"{purpose}-{install.major}"
    cluster = Cluster(install, directory, owner, is_swept=is_swept, settings=settings_for(purpose, install))
    with _exiting_on_signals(), _shared(cluster, state):
        yield DatabaseServer(cluster.url("noren"), is_private=True)


def state_directory() -> Path:
    """$NOREN_STATE_DIR, else a directory of this user and this checkout under /var/tmp; made if need be.

    Root's can be passed through by the database's user, who owns the clusters inside.
    """
    named = os.environ.get("NOREN_STATE_DIR")
    checkout = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]
    state = Path(named).absolute() if named else Path(f"/var/tmp/noren-{os.geteuid()}-{checkout}")  # noqa: S108 - owner checked below
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"cannot make {state} ({error.strerror}); set NOREN_STATE_DIR") from error
    # /var/tmp is everybody's: what somebody else put there in our name is not ours to use.
    if state.is_symlink() or state.stat().st_uid != os.geteuid():
        raise SetupError(f"{state} belongs to somebody else; remove it or set NOREN_STATE_DIR")
    state.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return state


def database_owner() -> pwd.struct_passwd:
    """Who runs PostgreSQL: ourselves, or where we are root, which it refuses, `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@contextmanager
def _shared(cluster: Cluster, state: Path) -> Iterator[None]:
    changing = state / f"{cluster.directory.name}.change.lock"
    using = state / f"{cluster.directory.name}.users.lock"
    with _locked(changing, fcntl.LOCK_EX):
        users = _open_lock(using)
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            cluster.ensure_running()
        except BaseException:
            os.close(users)
            raise
    try:
        yield
    finally:
        with _locked(changing, fcntl.LOCK_EX):
            os.close(users)
            if _is_free(using):
                cluster.stop()


@contextmanager
def _locked(path: Path, operation: int) -> Iterator[None]:
    lock = _open_lock(path)
    try:
        fcntl.flock(lock, operation)
        yield
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def _is_free(path: Path) -> bool:
    try:
        with _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return True
    except BlockingIOError:
        return False


@contextmanager
def _exiting_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP, which end Python without a word, into an exit that stops what was started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _exit_on_signal)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _exit_on_signal(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)

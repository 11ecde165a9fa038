"""A PgBouncer in transaction mode before a PostgreSQL of the tests, where there is one that Noren can use."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from devtools import pgbouncer
from devtools.private_database import database_owner
from tests.support.waiting import eventually

# Fewer than its clients, so that they change sessions all the time.
_SESSIONS = 6


def require_pgbouncer() -> str:
    """Skips the test where there is none, or an older one."""
    found = pgbouncer.find()
    if found is None:
        pytest.skip(f"no PgBouncer 1.21 or newer here: install one, or set {pgbouncer.SETTING}")
    return found


class PgBouncer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url_of(self, dsn: str) -> str:
        """The way to the same database through it."""
        return urlsplit(dsn)._replace(query=f"host={quote(str(self._folder))}").geturl()

    async def reconnect(self) -> None:
        """It takes new sessions, each as the one that it has is given back."""
        console = await asyncpg.connect(f"postgresql://noren@/pgbouncer?host={quote(str(self._folder))}")
        try:
            await console.execute("RECONNECT")
        finally:
            await console.close()


@contextmanager
def pgbouncer_before(dsn: str, program: str, **settings: str) -> Iterator[PgBouncer]:
    """`dsn`: any database of the cluster, by a Unix socket. `settings`: of PgBouncer, beside these."""
    owner = database_owner()
    behind = parse_qs(urlsplit(dsn).query)["host"][0]
    with tempfile.TemporaryDirectory(prefix="noren-pgb-", dir="/var/tmp") as made:
        folder = Path(made)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o711)
        told = {
            "unix_socket_dir": made, "listen_port": "5432", "auth_type": "trust", "auth_file": f"{made}/users",
            "admin_users": "noren",
            "pool_mode": "transaction", "default_pool_size": str(_SESSIONS), "max_prepared_statements": "200",
            "max_client_conn": "200", "logfile": f"{made}/log", **settings,
        }  # fmt: skip
        lines = [f"{name} = {value}" for name, value in told.items()]
        (folder / "users").write_text('"noren" ""\n', encoding="utf-8")
        databases = f"[databases]\n* = host={behind}\n"
        (folder / "ini").write_text("\n".join([databases, "[pgbouncer]", *lines, ""]), encoding="utf-8")
        process = subprocess.Popen(
            [program, str(folder / "ini")], user=owner.pw_uid, group=owner.pw_gid, extra_groups=[],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            eventually(lambda: _listens(folder / ".s.PGSQL.5432") or process.poll() is not None)
            assert process.poll() is None, (folder / "log").read_text()
            yield PgBouncer(folder)
        finally:
            process.kill()
            process.wait()


def _listens(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(place)) == 0

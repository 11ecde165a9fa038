"""One private PostgreSQL cluster on disk: made, started, found running, stopped.

Callers hold a lock on it: nothing here guards against a second one. Durability is left at PostgreSQL's defaults unless
`settings` says otherwise.
"""

import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from devtools.apt import SetupError, say
from devtools.postgres_install import PostgresInstall

_SOCKET_PATH_MAX_BYTES = 107
_START_TRIES = 20
_GREATEST_AGE_S = 20 * 86400
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "400",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Cluster:
    """directory/{data,socket,log}, owned by `owner` and closed to all others but root."""

    def __init__(
        self,
        install: PostgresInstall,
        directory: Path,
        owner: pwd.struct_passwd,
        *,
        is_swept: bool,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.directory = directory
        self._settings = _SETTINGS | dict(settings)
        self._is_swept = is_swept
        self._install = install
        self._owner = owner
        self._data = directory / "data"
        self._socket = directory / "socket"
        self._log = directory / "log"

    def url(self, database: str) -> str:
        return f"postgresql://noren@/{database}?host={quote(str(self._socket))}"

    def ensure_running(self) -> None:
        """Adopt the running postmaster or start one, on a cluster that is made if need be. Raises SetupError."""
        if self._postmaster_pid() is None:
            self._make_directory()
            self._drop_if_old()
            self._drop_if_torn()
            if not self._data.exists():
                self._make_data()
            self._start()
        self._make_main_database()

    @property
    def socket(self) -> Path:
        """The folder of its Unix socket."""
        return self._socket

    def copy_from(self, primary: "Cluster", name: str) -> None:
        """Its data, as a standby that follows it under this name. Raises SetupError."""
        self._make_directory()
        place = ["-D", str(self._data), "--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf"]
        source = f"host={primary.socket} user=noren application_name={name}"
        copied = self._run("pg_basebackup", *place, "--dbname", source)
        if copied.returncode:
            raise SetupError(f"pg_basebackup failed: {_last_line(copied.stdout)}")

    def promote(self) -> None:
        """A standby becomes a primary. Raises SetupError."""
        promoted = self._run("pg_ctl", "promote", "-D", str(self._data), "-w", "-t", "60")
        if promoted.returncode:
            raise SetupError(f"the standby was not promoted: {_last_line(promoted.stdout)}")

    def stop(self) -> None:
        """Stop PostgreSQL, ending its sessions; nothing that was committed is lost."""
        if self._postmaster_pid() is None:
            return
        stopped = self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w", "-t", "60")
        if stopped.returncode:
            say(f"PostgreSQL in {self.directory} did not stop: {_last_line(stopped.stdout)}")

    def _postmaster_pid(self) -> int | None:
        """The running postmaster of this cluster. A pid alone proves nothing: it may be another's by now."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self._data) in arguments else None

    def _make_directory(self) -> None:
        socket_path = self._socket / ".s.PGSQL.5432"
        if len(os.fsencode(socket_path)) > _SOCKET_PATH_MAX_BYTES:
            raise SetupError(f"{self.directory} is too long for a Unix socket; set NOREN_STATE_DIR to a shorter place")
        for path in (self.directory, self._socket):
            path.mkdir(mode=0o700, exist_ok=True)
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
        # /tmp's and /var/tmp's parents are open to all; a directory below somebody's home may not be.
        entered = self._run_any(["/bin/sh", "-c", 'cd "$1"', "sh", str(self._socket)])
        if entered.returncode:
            owner = self._owner.pw_name
            raise SetupError(f"the user {owner} cannot enter {self.directory}; set NOREN_STATE_DIR to an open place")

    def _drop_if_old(self) -> None:
        """Systems sweep files of 30 days out of /var/tmp one by one: there, begin anew before that can happen."""
        made = self._data / "PG_VERSION"
        if not self._data.exists():
            return
        if not made.exists() or (self._is_swept and time.time() - made.stat().st_mtime > _GREATEST_AGE_S):
            self._set_aside()

    def _drop_if_torn(self) -> None:
        """Without fsync, what a machine that lost its power left behind may look sound and not be."""
        if self._settings.get("fsync") == "off" and (self._data / "postmaster.pid").exists():
            self._set_aside()

    def _make_data(self) -> None:
        """initdb beside its place, then rename: a cluster that was killed in the making is never taken for one."""
        say(f"making a private database in {self.directory}")
        unfinished = self.directory / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["--username=noren", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = self._run("initdb", "-D", str(unfinished), *options)
        if made.returncode:
            raise SetupError(f"initdb failed: {_last_line(made.stdout)}")
        unfinished.rename(self._data)

    def _start(self) -> None:
        """Start and wait until it answers, after a crash too.

        Backends that outlive a killed postmaster hold the shared memory for a moment, hence the tries. A cluster that
        will not start holds nothing that cannot be made again, so it is set aside.
        """
        settings = self._settings | {"unix_socket_directories": str(self._socket)}
        options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        start = ["start", "-D", str(self._data), "-l", str(self._log), "-o", options, "-w", "-t", "60"]
        self._forget_reused_pid()
        self._log.unlink(missing_ok=True)
        for _ in range(_START_TRIES):
            if self._run("pg_ctl", *start).returncode == 0:
                return
            if "is still in use" not in self._log_text():
                break
            time.sleep(0.5)
        say(f"the private database does not start ({_last_line(self._log_text())}); making another")
        self._set_aside()
        self._make_data()
        if self._run("pg_ctl", *start).returncode:
            raise SetupError(f"PostgreSQL does not start: {_last_line(self._log_text())}; see {self._log}")

    def _forget_reused_pid(self) -> None:
        """Remove lock files whose pid another program has now: PostgreSQL would take it for a running postmaster."""
        for path in (self._data / "postmaster.pid", self._socket / ".s.PGSQL.5432.lock"):
            try:
                pid = int(path.read_text().split("\n", 1)[0])
                name = Path(f"/proc/{pid}/comm").read_text().strip()
            except (OSError, ValueError):
                continue
            if name != "postgres":
                path.unlink()

    def _set_aside(self) -> None:
        aside = self.directory / "data.old"
        shutil.rmtree(aside, ignore_errors=True)
        self._data.rename(aside)

    def _make_main_database(self) -> None:
        is_missing = "not exists (select from pg_database where datname = 'noren')"
        statement = f"select 'create database noren' where {is_missing} \\gexec"
        url = self.url("postgres")
        done = self._run("psql", "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", url, stdin=statement)
        if done.returncode:
            raise SetupError(f"the private database does not answer: {_last_line(done.stdout)}; see {self._log}")

    def _log_text(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _run(self, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self._run_any([self._install.program(program), *arguments], stdin)

    def _run_any(self, command: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run as the owner, in a session of its own (Ctrl-C is for us), without the caller's PGPORT and its kin."""
        drops = os.geteuid() != self._owner.pw_uid
        return subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={name: value for name, value in os.environ.items() if name[:2] != "PG"} | {"LC_ALL": "C"},
            start_new_session=True,
            user=self._owner.pw_uid if drops else None,
            group=self._owner.pw_gid if drops else None,
            extra_groups=[] if drops else None,
            umask=0o077,
        )


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no output"

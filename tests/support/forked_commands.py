"""`python -m MODULE` as a bench starts it, forked from the bench, which has most of it imported: a start costs a tenth.

Only where the bench has no other thread, whose locks nobody would release in the fork; else it is started as ever.
"""

import gc
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, NoReturn, TypeAlias

_STARTED_ANEW = subprocess.Popen
_PYTHON = (sys.executable, "-P", "-m")

_File: TypeAlias = "int | IO[Any] | None"


def fork_commands() -> None:
    """From now on, in this process."""
    subprocess.Popen = _start  # type: ignore[misc,assignment]


def _start(command: Sequence[str], **how: Any) -> Any:
    is_python = tuple(command[:3]) == _PYTHON and set(how) <= {"env", "stdin", "stdout", "stderr", "start_new_session"}
    if not is_python or threading.active_count() > 1:
        return _STARTED_ANEW(command, **how)
    return _Forked(command, **how)


class _Forked:
    """What benches use of a Popen."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: _File = None,
        stdout: _File = None,
        stderr: _File = None,
        start_new_session: bool = False,
    ) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.args = command
        self.returncode: int | None = None
        self._asking = threading.Lock()  # some wait in a thread
        self.pid = os.fork()
        if self.pid == 0:
            if start_new_session:
                os.setsid()
            _become(command[3], command[4:], dict(os.environ if env is None else env), [stdin, stdout, stderr])

    def poll(self) -> int | None:
        with self._asking:
            if self.returncode is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        ends_at = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if ends_at is not None and time.monotonic() > ends_at:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become(module: str, arguments: Sequence[str], environ: Mapping[str, str], files: Sequence[_File]) -> NoReturn:
    """Nothing of what the bench holds is ever collected here: it would close files that are ours by then."""
    gc.freeze()
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for fileno, file in enumerate(files):
            os.dup2(_fileno_of(file, fileno), fileno)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _fileno_of(file: _File, standard: int) -> int:
    if file is None:
        return standard
    if file == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR)
    return file if isinstance(file, int) else file.fileno()

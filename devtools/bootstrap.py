"""Make .venv ready: the locked dependencies under the Python that runs this. Standard library only.

What serves needs `requirements.lock`; tests and tools need `requirements-dev.lock`, which holds the same and more. So a
.venv that was made for tools serves too, and a production machine gets no tools.

uv fetches and unpacks the lock in 4-6 s on two cores where pip takes 25 s, so pip installs only uv, in the
version and hash that the lock names. pip does it all where uv cannot, or where the user gave pip an index
of their own, which uv would not know.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from devtools import apt, browser_packages

ROOT = Path(__file__).resolve().parent.parent


def stamp_of(lock: bytes, venv: Path) -> str:
    """What a finished .venv holds, was made by and lies at (its scripts name their place)."""
    return f"{hashlib.sha256(lock).hexdigest()} {platform.python_version()} {venv}\n"


def is_ready(venv: Path, stamps: Collection[str]) -> bool:
    """Whether `venv` was finished for one of these stamps and its Python still exists."""
    try:
        return (venv / "noren.stamp").read_text() in stamps and os.access(venv / "bin" / "python", os.X_OK)
    except OSError:
        return False


def make_ready(root: Path, *, with_tools: bool) -> None:
    """Build root/.venv unless it is ready. The stamp is written last: a killed build is built again.

    Raises apt.SetupError.
    """
    venv, full = root / ".venv", root / "requirements-dev.lock"
    lock = full if with_tools else root / "requirements.lock"
    stamp = stamp_of(lock.read_bytes(), venv)
    ready = {stamp, stamp_of(full.read_bytes(), venv)}
    if is_ready(venv, ready):
        return
    with _only_builder(root / ".venv.lock"):
        if is_ready(venv, ready):
            return
        _make_venv(venv)
        _install_lock(venv, lock, uv_pin(full.read_text()))
        (venv / "noren.stamp").write_text(stamp)


@contextmanager
def _only_builder(lock_path: Path) -> Iterator[None]:
    try:
        lock_file = lock_path.open("w")
    except OSError as error:
        raise apt.SetupError(f"{lock_path.parent} is not writable by you, and its .venv is not up to date") from error
    with lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            apt.say("another command is making .venv; waiting for it")
            fcntl.flock(lock_file, fcntl.LOCK_EX)
        # What we start holds the lock too: if we are killed, the next builder waits until that has ended as well.
        os.set_inheritable(lock_file.fileno(), True)
        yield


def _make_venv(venv: Path) -> None:
    if find_spec("ensurepip") is None:
        apt.install([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])
    apt.say(f"making .venv with Python {platform.python_version()}")
    shutil.rmtree(venv, ignore_errors=True)
    # We may be running in the very .venv that is being replaced; the program behind its link stays.
    made = _run([os.readlink("/proc/self/exe"), "-m", "venv", str(venv)])
    if made.returncode:
        raise apt.SetupError(f"python -m venv failed: {made.stdout.strip()[-200:]}")


def _install_lock(venv: Path, lock: Path, uv: str) -> None:
    python = str(venv / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement"]
    apt.say(f"installing {lock.name}")
    if not _pip_has_own_index(python) and _install_with_uv(python, pip, lock, uv):
        return
    apt.say("installing with pip, without uv: this takes half a minute")
    done = _run([*pip, str(lock)])
    if done.returncode:
        sys.stderr.write("".join(done.stdout.splitlines(keepends=True)[-15:]))
        raise apt.SetupError("pip could not install the locked packages; is there a network?")


def _install_with_uv(python: str, pip: list[str], lock: Path, pin: str) -> bool:
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as uv_lock:
        uv_lock.write(pin)
        uv_lock.flush()
        if _run([*pip, uv_lock.name]).returncode:
            return False
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, "--require-hashes"]
    if not os.access(Path.home(), os.W_OK):
        uv.append("--no-cache")
    return _run([*uv, "--requirement", str(lock)]).returncode == 0


def uv_pin(lock: str) -> str:
    """The entry of uv in a requirements file: its version and hashes; empty if there is none."""
    found = re.search(r"^uv==.*(?:\n[ \t]+.*)*", lock, re.MULTILINE)
    return found[0] + "\n" if found else ""


def _pip_has_own_index(python: str) -> bool:
    listed = _run([python, "-m", "pip", "config", "list"])
    return re.search(r"\.(index-url|no-index)=", listed.stdout) is not None


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        close_fds=False,
    )


if __name__ == "__main__":
    tools = "--with-tools" in sys.argv[1:]
    try:
        make_ready(ROOT, with_tools=tools)
        browser_packages.make_ready(ROOT, with_tools=tools)
    except apt.SetupError as problem:
        apt.say(str(problem))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

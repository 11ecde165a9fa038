"""The system's own Chromium, for the tests of the pages. Standard library only.

It comes from the distribution: no browser of its own is downloaded. `NOREN_CHROMIUM` names another one. Where Debian's
headless shell lies beside it, most tests take that: the same engine without a browser's windows and services, which
are half of what a new window costs.
"""

import os
import shutil
from pathlib import Path

from devtools import apt

SETTING = "NOREN_CHROMIUM"
_NAMES = ("chromium", "google-chrome", "google-chrome-stable")
_SHELL = "chromium-headless-shell"
_PACKAGES = ["chromium", "fonts-noto-cjk"]


def find() -> Path | None:
    """Raises SetupError where the setting names none, or a snap: a snap reads no file of /tmp, where profiles lie."""
    named = os.environ.get(SETTING)
    if named is not None:
        return _require_usable(Path(named))
    paths = [Path(found) for name in _NAMES if (found := shutil.which(name)) is not None]
    return next((path for path in paths if not is_snap(path)), None)


def find_shell() -> Path | None:
    """The headless shell; without one, or where the setting names a browser, what `find` finds."""
    shell = None if SETTING in os.environ else shutil.which(_SHELL)
    return find() if shell is None else Path(shell)


def is_snap(path: Path) -> bool:
    """Also Ubuntu's package, which is a script that starts one."""
    if str(path).startswith("/snap/") or "/snap/" in str(path.resolve()) or path.resolve().name == "snap":
        return True
    with path.open("rb") as opened:
        head = opened.read(4000)
    return head.startswith(b"#!") and b"/snap/bin/" in head


def _require_usable(path: Path) -> Path:
    if not os.access(path, os.X_OK):
        raise apt.SetupError(f"{SETTING} must be the path of a Chromium that can be run")
    if is_snap(path):
        raise apt.SetupError(f"{SETTING} names a snap, which the tests cannot drive: give a Chromium that is none")
    return path


def ensure() -> Path | None:
    """Install it where that asks nobody. None, said loudly, where there is none then: what needs it is skipped."""
    lacking = f"NO CHROMIUM: the tests of the pages are skipped. Install chromium, or set {SETTING}."
    return apt.ensure(find, _install, lacking)


def _install() -> bool:
    return apt.try_install([*_PACKAGES, _SHELL]) or apt.try_install(_PACKAGES)  # not every distribution has the shell

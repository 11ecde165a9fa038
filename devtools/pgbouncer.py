"""The system's own PgBouncer, for the tests of what goes through a pooler. Standard library only.

It comes from the distribution where that has one that Noren can use; `NOREN_TEST_PGBOUNCER` names another.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from devtools import apt

SETTING = "NOREN_TEST_PGBOUNCER"
# From here on it keeps prepared statements in transaction mode. Debian 12 has 1.18, Debian 13 a newer one.
_LEAST = (1, 21)
_WITHOUT_STARTING = "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d"
_AS_BEFORE = "rm -f /usr/sbin/policy-rc.d"


def find() -> str | None:
    """One that can be used."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    found = os.environ.get(SETTING) or shutil.which("pgbouncer", path=path)
    return found if found is not None and _is_new(_told_by([found, "--version"])) else None


def ensure() -> str | None:
    """Install it where that asks nobody. None, said loudly, where there is none then: what needs it is skipped."""
    lacking = f"NO PGBOUNCER 1.21 OR NEWER: what goes through a pooler is not tested. Install one, or set {SETTING}."
    return apt.ensure(find, _install, lacking)


def _install() -> None:
    if _is_new(_told_by(["apt-cache", "show", "--no-all-versions", "pgbouncer"])):
        apt.try_install(["pgbouncer"], before=_WITHOUT_STARTING, after=_AS_BEFORE)


def _told_by(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return ""


def _is_new(told: str) -> bool:
    matched = re.search(r"^(?:Version:|PgBouncer) (\d+)\.(\d+)", told, re.MULTILINE)
    return matched is not None and (int(matched[1]), int(matched[2])) >= _LEAST

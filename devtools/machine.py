"""What all tests want of a machine: Chromium, PgBouncer and PostgreSQL. Standard library only.

In a fresh clone `./run test` begins with this, beside the making of .venv: each waits most of its time, for the network
or the disk.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from devtools import chromium, pgbouncer, postgres_install
from devtools.apt import SetupError
from devtools.bootstrap import ROOT


def make_ready() -> Path | None:
    """Bring what is lacking, and return the Chromium; None, said loudly, where none is to be had.

    Whoever comes second waits for the first. Raises SetupError without a PostgreSQL.
    """
    with _one_at_a_time():
        found = chromium.ensure()
        pgbouncer.ensure()
        if not os.environ.get("DATABASE_URL"):
            postgres_install.find_or_install()
    return found


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = os.open(ROOT / "devtools", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


if __name__ == "__main__":
    if find_spec("ensurepip") is None:  # .venv wants apt first
        sys.exit()
    try:
        make_ready()
    except SetupError:
        sys.exit(1)  # whoever needs it asks again, and says what is wrong

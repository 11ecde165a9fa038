"""How a private cluster differs from PostgreSQL's defaults, by what it is for."""

import os

from devtools.postgres_install import PostgresInstall

_MOST_BUFFERS_MB = 4096


def settings_for(purpose: str, install: PostgresInstall) -> dict[str, str]:
    if purpose == "bench":
        return _whole_machine()
    if purpose == "test":
        return _WITHOUT_DISK | _FOR_FEW_ROWS | (_FOR_MANY_SESSIONS if install.has_library(_POSTGIS) else {})
    return {}


# No test of ours can cut the power, so waiting for the disk proves nothing and costs most of the time. What a killed
# PostgreSQL keeps is the same either way; the tests that kill it have clusters of their own, with its defaults.
_WITHOUT_DISK = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "4GB"}

# Tables that were never counted look bigger than a test makes them: starting two more processes for a query over all
# of them, or compiling it, took twenty times as long as reading the rows.
_FOR_FEW_ROWS = {"max_parallel_workers_per_gather": "0", "jit": "off"}


# Each test opens sessions of its own. Linking PostGIS anew takes each of them as long as thirty statements do; linked
# before they are forked, it costs them nothing.
_POSTGIS = "postgis-3"
_FOR_MANY_SESSIONS = {"shared_preload_libraries": _POSTGIS}


def _whole_machine() -> dict[str, str]:
    """What a database is given that has a machine to itself; docs/settings.md recommends the same.

    PostgreSQL's own defaults are for the smallest machine; durability is left as it is.
    """
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return {
        "shared_buffers": f"{min(memory_mb // 4, _MOST_BUFFERS_MB)}MB",
        # The first change of a page after a checkpoint writes the whole page to the log: fewer checkpoints, less log.
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
    }

"""What a database is given that has a machine to itself, for benchmarks; docs/settings.md recommends the same."""

import os

_MOST_BUFFERS_MB = 4096


def sized_settings() -> dict[str, str]:
    """PostgreSQL's own defaults are for the smallest machine; durability is left as it is."""
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return {
        "shared_buffers": f"{min(memory_mb // 4, _MOST_BUFFERS_MB)}MB",
        # The first change of a page after a checkpoint writes the whole page to the log: fewer checkpoints, less log.
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
    }

"""`./run admin read-bounces`: what mailboxes report of e-mails, from a mailbox of the operator's.

An e-mail of a Maildir is marked as read once what it reports is stored: a run that is broken off is run again. Its file
is read as bytes and renamed, and never parsed by anything but `read_report`: some e-mails are written to break parsers.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from channels.mail.bounce_reports import MAX_BYTES, read_report
from kit.clock import utc_now
from kit.database import Pool, close_pool, in_transaction, open_pool
from kit.sealing import Keyring
from server.runtime.mail_books import record_report
from server.runtime.root_secret import open_keyring

# What a Maildir's file names say of an e-mail behind `:2,`.
_FLAGS, _READ = ":2,", "S"
# What it came to: of no e-mail of ours, or no report.
_NOTHING = "nothing"


async def read_bounces(dsn: str, secret_key: bytes, folder: Path | None) -> str:
    """A sentence that tells how many there were. Raises DatabaseUnavailable, WrongSecretKey, OSError."""
    pool = await open_pool(dsn, min_size=1, max_size=2)
    try:
        keyring = await open_keyring(pool, secret_key, utc_now())

        async def store(raw: bytes) -> str:
            return await _store(pool, keyring, raw)

        if folder is None:
            counts = Counter([await store(sys.stdin.buffer.read(MAX_BYTES))])
        else:
            counts = Counter()
            for path in list(_list_unread(folder)):
                with path.open("rb") as mail:
                    counts[await store(mail.read(MAX_BYTES))] += 1
                _mark_as_read(folder, path)
    finally:
        await close_pool(pool)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return f"read {counts.total()} e-mails: {told or 'none'}"


def _list_unread(folder: Path) -> Iterator[Path]:
    if not all((folder / name).is_dir() for name in ("new", "cur")):
        raise FileNotFoundError(f"--maildir must name a folder of e-mails (a Maildir); {folder} is none")
    for place in ("new", "cur"):
        for path in sorted((folder / place).iterdir()):
            if path.is_file() and not path.name.startswith(".") and _READ not in path.name.partition(_FLAGS)[2]:
                yield path


def _mark_as_read(folder: Path, path: Path) -> None:
    name, _, flags = path.name.partition(_FLAGS)
    path.rename(folder / "cur" / f"{name}{_FLAGS}{''.join(sorted({*flags, _READ}))}")


async def _store(pool: Pool, keyring: Keyring, raw: bytes) -> str:
    report = read_report(keyring, raw)
    if report is None:
        return _NOTHING
    await in_transaction(pool, lambda conn: record_report(conn, report.origin, report.kind, utc_now()))
    return report.kind

"""`./run admin read-bounces`: what mailboxes report of e-mails, from a mailbox of the operator's.

An e-mail of a Maildir is marked as read once what it reports is stored: a run that is broken off is run again.
"""

import mailbox
import sys
from collections import Counter
from pathlib import Path

from channels.mail.bounce_reports import MAX_BYTES, read_report
from kit.clock import utc_now
from kit.database import Pool, close_pool, in_transaction, open_pool
from kit.sealing import Keyring
from server.runtime.mail_books import record_report
from server.runtime.root_secret import open_keyring

_READ = "S"
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
            box = _open(folder)
            for key in list(box.keys()):
                mail = box.get_message(key)
                if _READ not in mail.get_flags():
                    counts[await store(mail.as_bytes())] += 1
                    mail.set_subdir("cur")
                    mail.add_flag(_READ)
                    box[key] = mail
    finally:
        await close_pool(pool)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return f"read {counts.total()} e-mails: {told or 'none'}"


def _open(folder: Path) -> mailbox.Maildir:
    try:
        return mailbox.Maildir(folder, create=False)
    except mailbox.NoSuchMailboxError:
        raise FileNotFoundError(f"--maildir must name a folder of e-mails (a Maildir); {folder} is none") from None


async def _store(pool: Pool, keyring: Keyring, raw: bytes) -> str:
    report = read_report(keyring, raw)
    if report is None:
        return _NOTHING
    await in_transaction(pool, lambda conn: record_report(conn, report.origin, report.kind, utc_now()))
    return report.kind

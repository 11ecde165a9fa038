"""`./run bench import`: a chain's members move in from a Shift_JIS file, by the verb that an operator runs.

Beside it, how much memory that process took for as many rows and for a tenth of them: the file is never held.
"""

import argparse
import asyncio
import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from devtools.apt import SetupError, say
from devtools.member_files import write_member_file
from devtools.private_database import private_database
from devtools.template_database import own_database
from kit.clock import utc_now
from kit.database import Connection, in_transaction, open_pool
from points.rules import PointRules
from points.rules_repository import upsert_point_rules
from programs.programs_repository import create_program


class _Imported(msgspec.Struct, frozen=True):
    rows_per_s: float
    peak_mb: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench import", description="how fast a chain's members move in")
    parser.add_argument("--members", type=int, default=200_000, help="rows of the file")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    if options.members < 10:
        raise SetupError("--members must be 10 or more")
    tenth, whole = asyncio.run(_measure_both(options.members))
    print(
        f"{options.members:,} members from a Shift_JIS file: {whole.rows_per_s:,.0f} rows/s from the verb's start to"
        f" its end (target: >= 5,000); {whole.peak_mb:.0f} MB resident at most, {tenth.peak_mb:.0f} MB for a tenth"
    )
    if options.json:
        figures = {
            "import_rows_per_s": round(whole.rows_per_s),
            "members": options.members,
            "import_peak_mb": round(whole.peak_mb),
            "import_peak_mb_tenth": round(tenth.peak_mb),
        }
        print(msgspec.json.encode(figures).decode())
    return 0


async def _measure_both(members: int) -> tuple[_Imported, _Imported]:
    """A tenth of the members, and all of them."""
    with private_database("bench") as server, tempfile.TemporaryDirectory() as folder:
        async with own_database(server) as dsn:
            tenth, whole = [await _measure(dsn, Path(folder) / "file.csv", count) for count in (members // 10, members)]
    return tenth, whole


async def _measure(dsn: str, path: Path, members: int) -> _Imported:
    code = f"bench-{members}"
    await _make_program(dsn, code)
    await asyncio.to_thread(write_member_file, path, members, seed=members)
    say(f"a file of {members:,} members is written")
    return await asyncio.to_thread(_import, dsn, path, code, members)


def _import(dsn: str, path: Path, code: str, members: int) -> _Imported:
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "server.admin", "import-members", "--program", code, str(path)],
        env={**os.environ, "DATABASE_URL": dsn, "NOREN_SECRET_KEY": _SECRET_KEY},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SetupError("the import failed")
    return _Imported(members / (time.perf_counter() - started), usage.ru_maxrss / 1024)


async def _make_program(dsn: str, code: str) -> None:
    async def work(conn: Connection) -> None:
        program = await create_program(conn, code, "Bench", "ja", utc_now())
        rules = PointRules(
            program_id=program.id,
            currency="JPY",
            amount_step=100,
            step_points=1,
            visit_points=0,
            valid_days=365,
            time_zone="Asia/Tokyo",
        )
        await upsert_point_rules(conn, rules, utc_now())

    pool = await open_pool(dsn, max_size=1)
    try:
        await in_transaction(pool, work)
    finally:
        await pool.close()


_SECRET_KEY = base64.b64encode(secrets.token_bytes(32)).decode()

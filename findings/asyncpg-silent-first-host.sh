#!/bin/sh
# asyncpg 0.32.0: of postgresql://one,two/db?target_session_attrs=read-write the second host is never asked where the first takes
# connections and says nothing, as the machine of a lost primary behind a cut network does: `timeout` is for all hosts
# together (libpq's connect_timeout is for each). So a standby that has taken over is not found while the first is silent.
# Seen: "silent first host: TimeoutError, the second was asked 0 times". Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet asyncpg==0.32.0
"$folder/venv/bin/python" - <<'END'
import asyncio
import socket
import sys

import asyncpg


async def main() -> bool:
    asked = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(1)
        writer.close()

    silent = socket.create_server(("127.0.0.1", 0))  # nobody takes its connections up
    second = await asyncio.start_server(note, "127.0.0.1", 0)
    one, two = silent.getsockname()[1], second.sockets[0].getsockname()[1]
    url = f"postgresql://u@127.0.0.1:{one},127.0.0.1:{two}/db?target_session_attrs=read-write&sslmode=disable"
    try:
        await asyncpg.connect(url, timeout=2)
        failure = "none"
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        failure = type(error).__name__
    print(f"asyncpg {asyncpg.__version__}: silent first host: {failure}, the second was asked {len(asked)} times")
    silent.close()
    second.close()
    return failure == "TimeoutError" and not asked


sys.exit(not asyncio.run(main()))
END

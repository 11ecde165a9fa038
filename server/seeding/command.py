"""The verb `seed` of `./run admin`: its arguments, its progress, and the file of tokens."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from kit.clock import utc_now
from kit.database import open_pool
from server.runtime.progress import Progress
from server.runtime.root_secret import open_keyring
from server.runtime.schema_guard import check_schema
from server.seeding.run import CONNECTIONS, Keep, Seeding
from server.seeding.scale import Scale
from server.settings import read_secret_key
from server.web.tokens import DeviceToken, TillKey, write_token

# So many phones are enough to drive a load.
_MOST_TOKENS = 10_000


def add_seed_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--members", type=_positive, default=10_000)
    parser.add_argument("--visits", type=_positive, default=100_000, help="in the year until yesterday")
    parser.add_argument("--stores", type=_positive, default=300)
    parser.add_argument("--program", default="seeded", help="its code; made if there is none; it must have no members")
    parser.add_argument("--seed", type=int, default=1, help="of the random draws")
    parser.add_argument(
        "--tokens", type=Path, metavar="FILE", help="write the tills' keys and some devices' tokens to it"
    )


async def seed(dsn: str, arguments: argparse.Namespace) -> str:
    """Raises CannotSeed, BadSettings, OutdatedSchema, WrongSecretKey, DatabaseUnavailable."""
    secret_key = read_secret_key()
    scale = Scale(arguments.members, arguments.visits, arguments.stores, arguments.seed)
    await check_schema(dsn)
    pool = await open_pool(dsn, max_size=CONNECTIONS)
    progress = Progress("members", scale.members, sys.stderr)
    try:
        keyring = await open_keyring(pool, secret_key, utc_now())
        with nullcontext(_keep_nothing) if arguments.tokens is None else _keeping(arguments.tokens, scale) as keep:
            await Seeding(pool, keyring, scale, tell=progress.tell, keep=keep).run(arguments.program, utc_now())
    finally:
        await pool.close()
    return f"program {arguments.program}: {scale.members} members and {scale.visits} visits are there"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


@contextmanager
def _keeping(path: Path, scale: Scale) -> Iterator[Keep]:
    """Added to the end: the same command may go on with a run that was broken off. Nobody else may read the file."""
    step = -(-scale.members // _MOST_TOKENS)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:

        def keep(tokens: Sequence[TillKey] | Sequence[DeviceToken]) -> None:
            kept = tokens if tokens and isinstance(tokens[0], TillKey) else tokens[::step]
            file.writelines(f"{write_token(token)}\n" for token in kept)
            file.flush()

        yield keep


def _keep_nothing(_: Sequence[TillKey] | Sequence[DeviceToken]) -> None:
    """Nobody asked for tokens."""

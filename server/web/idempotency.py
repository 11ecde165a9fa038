"""Idempotency-Key: a repeated write gets the first one's answer and has no second effect.

A record is written in the transaction of the effect, so there is never one without the other; a refused request
leaves none and is judged anew when it is repeated. The answer may carry a token, so it is sealed with a key that
needs the Idempotency-Key itself, of which only the hash is stored.

Of a process that was killed the key stays in flight until the database has noticed and ended its transaction (15 s at
most): then its effect is there with its answer, or there is nothing, and the repeated request has the effect.
"""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.sealing import Keyring
from kit.sql import array_text, load_queries
from server.problems import Problem

QUERIES = load_queries(__file__, "idempotency.sql")
KEPT = timedelta(hours=24)
MAX_KEY_LENGTH = 200
_PURPOSE = "idempotency"
# A member stands in a path after `members`, and in a body under this name; however the id is spelt.
_ID = rb"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}"
_MEMBER = re.compile(rb'(?:/members/|"member_id"\s*:\s*")(' + _ID + rb")", re.IGNORECASE)


class IdempotencyKey(msgspec.Struct, frozen=True):
    """An `Idempotency-Key` header with the principal who sent it and what it came with.

    `request_hash`: of method, path and body. `member_ids`: whom path and body name.
    """

    principal: str
    value: str
    request_hash: bytes
    member_ids: frozenset[UUID] = frozenset()

    @property
    def key_hash(self) -> bytes:
        return hashlib.sha256(self.value.encode()).digest()

    @property
    def lock_key(self) -> int:
        whole = hashlib.sha256(f"{self.principal}\n{self.value}".encode()).digest()
        return int.from_bytes(whole[:8], signed=True)

    @property
    def record_key(self) -> tuple[str, bytes]:
        return self.principal, self.key_hash


class Answer(msgspec.Struct, frozen=True):
    """A JSON body with its status, as it goes out."""

    status: int
    body: bytes


class IdempotentCommand(Protocol):
    """A command that may carry a key, and the time at which it is carried out."""

    @property
    def idempotency_key(self) -> IdempotencyKey | None: ...
    @property
    def now(self) -> datetime: ...


K = TypeVar("K", bound=IdempotentCommand)
Write = Callable[[Connection, Sequence[K]], Awaitable[Sequence[Answer | Exception]]]


def make_idempotency_key(principal: str, key: str | None, method: str, path: str, body: bytes) -> IdempotencyKey | None:
    """Raises Problem for a key that is not 1 to 200 printable ASCII characters."""
    if key is None:
        return None
    if not (1 <= len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Problem(
            "invalid-request", f"Send an Idempotency-Key of 1 to {MAX_KEY_LENGTH} printable ASCII characters."
        )
    # Keyed, because a plain hash of a body with a password in it could be guessed through.
    request_hash = hmac.digest(key.encode(), f"{method} {path}\n".encode() + body, "sha256")
    return IdempotencyKey(principal, key, request_hash, find_member_ids(path.encode()) | find_member_ids(body))


def find_member_ids(text: bytes) -> frozenset[UUID]:
    """Whom a path or a JSON body names."""
    return frozenset(UUID(found.decode()) for found in _MEMBER.findall(text))


async def write_once(
    conn: Connection, keyring: Keyring, commands: Sequence[K], write: Write[K]
) -> list[Answer | Exception]:
    """Run `write` for the new commands and answer the others from their records, all in the caller's transaction."""
    answers = await _recall(conn, keyring, commands)
    fresh = {place: command for place, command in enumerate(commands) if place not in answers}
    written = await write(conn, list(fresh.values())) if fresh else []
    await _save(conn, keyring, list(fresh.values()), written)
    answers |= dict(zip(fresh, written, strict=True))
    return [answers[place] for place in range(len(commands))]


async def purge_old_records(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_records, now - KEPT)


async def _recall(conn: Connection, keyring: Keyring, commands: Sequence[K]) -> dict[int, Answer | Exception]:
    """By place in the list: the stored answer, or the problem of a key in flight or of one that was used before."""
    keys = {place: key for place, each in enumerate(commands) if (key := each.idempotency_key) is not None}
    if not keys:
        return {}
    lock_keys = sorted({key.lock_key for key in keys.values()})
    free = {row["key"] for row in await conn.fetch(QUERIES.try_locks, lock_keys) if row["got"]}
    principals, hashes = zip(*(key.record_key for key in keys.values()), strict=True)
    since = commands[next(iter(keys))].now - KEPT
    rows = await conn.fetch(QUERIES.find_records, principals, hashes, since)
    records = {(row["principal"], row["key_hash"]): row for row in rows}
    known: dict[int, Answer | Exception] = {}
    taken: set[int] = set()
    for place, key in keys.items():
        record = records.get(key.record_key)
        if record is not None and record["request_hash"] != key.request_hash:
            known[place] = Problem("idempotency-key-reused", "Make a new key for every new request.")
        elif record is not None:
            body = keyring.unseal(_PURPOSE, key.value.encode(), record["sealed_answer"])
            known[place] = Answer(record["status"], body)
        elif key.lock_key not in free or key.lock_key in taken:
            known[place] = Problem("idempotency-in-flight", "Repeat it in a moment.", retry_after_s=1)
        taken.add(key.lock_key)
    return known


async def _save(
    conn: Connection, keyring: Keyring, commands: Sequence[K], answers: Sequence[Answer | Exception]
) -> None:
    pairs = zip(commands, answers, strict=True)
    done = [(c.idempotency_key, a, c.now) for c, a in pairs if c.idempotency_key is not None and isinstance(a, Answer)]
    if not done:
        return
    await conn.execute(
        *QUERIES.save_records(
            principal=[key.principal for key, _, _ in done],
            key_hash=[key.key_hash for key, _, _ in done],
            request_hash=[key.request_hash for key, _, _ in done],
            status=[answer.status for _, answer, _ in done],
            sealed_answer=[keyring.seal(_PURPOSE, key.value.encode(), answer.body) for key, answer, _ in done],
            member_ids=[array_text(sorted(key.member_ids | find_member_ids(answer.body))) for key, answer, _ in done],
            created_at=[now for _, _, now in done],
        )
    )

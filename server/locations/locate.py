"""`locate`: fixes of many devices -> presences, transitions, coupons and outbox rows, in one transaction.

The way of a fix: match (geo.matching), advance (geo.transitions), swap the presence, and only for the rows that the
swap returned: decide, issue and record (flows.recording). A device whose row another process wrote in between lost the
swap; it is read and computed again in the next transaction, three times at most.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from geo.evidence import weigh
from geo.matching import Fix, match_fences
from geo.presences_repository import PresenceSwap, read_presence, swap_presences
from geo.sweeping import next_due_at
from geo.transitions import Advance, advance
from kit.batching import run_split
from kit.database import Connection, DatabaseUnavailable, Pool, connect, in_statement, in_transaction
from kit.sql import load_queries
from members.devices_repository import is_token_valid
from server.locations.recording import Moved, ends_by_fence, record_transitions
from server.problems import Problem, unauthenticated
from server.runtime.snapshot import Snapshot, SnapshotKeeper
from server.web.locate_tokens import is_locate_token_valid

QUERIES = load_queries(__file__, "locate.sql")
MAX_TRIES = 3


class LocateCommand(msgspec.Struct, frozen=True):
    """Good fixes of one device; `token_hash` is still to be compared with the device's.

    With a `locate_key` it is the hash of a locate token, derived under that key.
    """

    member_id: UUID
    device_id: UUID
    token_hash: bytes
    fixes: Sequence[Fix]
    received_at: datetime
    locate_key: bytes | None = None


class Located(msgspec.Struct, frozen=True):
    """What became of the fixes; `no_consent` ones were dropped because the member does not consent to location."""

    accepted: int
    late: int
    future: int
    mocked: int
    no_consent: int
    coupons: list[UUID]


class TokenEnded(Problem):
    """The token is none of those that the device has now; the device itself is signed in."""

    def __init__(self) -> None:
        told = unauthenticated()
        super().__init__(told.slug, told.detail)


class _Again(Exception):
    """Not an answer yet: the device must be read and computed once more."""


class _LostSwap(_Again):
    """Another process wrote the device's presence between our read and our write."""


class _DoubtfulFence(_Again):
    """The device is in a fence that our snapshot lacks or has elsewhere: edited, or we have not heard of the edit yet.

    `version` is that of the presence that says so.
    """

    def __init__(self, version: int) -> None:
        self.version = version


async def locate(
    pool: Pool, keeper: SnapshotKeeper, commands: Sequence[LocateCommand]
) -> Sequence[Located | Exception]:
    """One answer a command, in order; a command that failed is answered by its exception."""
    answers: dict[int, Located | Exception] = {}
    tries: Counter[int] = Counter()
    informed: dict[int, int] = {}
    pending = list(range(len(commands)))
    while pending:
        turn, pending = _one_per_device(commands, pending)
        run = partial(_locate_once, pool, keeper)
        results = await run_split(run, [_Task(commands[p], informed.get(p)) for p in turn])
        tries.update(turn)
        for position, result in zip(turn, results, strict=True):
            if not isinstance(result, _Again):
                answers[position] = result
            elif tries[position] < MAX_TRIES:
                pending.append(position)
            else:
                answers[position] = Problem("unavailable", "Send the same fixes again.", retry_after_s=1)
        doubtful = {p: r.version for p, r in zip(turn, results, strict=True) if isinstance(r, _DoubtfulFence)}
        if doubtful:
            # A snapshot read after the presence knows every fence that the presence can be in.
            informed |= doubtful
            try:
                await keeper.refresh()
            except DatabaseUnavailable as outage:
                answers |= dict.fromkeys(doubtful, outage)
                pending = [position for position in pending if position not in doubtful]
    return [answers[position] for position in range(len(commands))]


def _one_per_device(commands: Sequence[LocateCommand], pending: Sequence[int]) -> tuple[list[int], list[int]]:
    """The first waiting command of each device, and the rest: a statement can write a row only once."""
    first = {commands[position].device_id: position for position in sorted(pending, reverse=True)}
    turn = sorted(first.values())
    chosen = set(turn)
    return turn, [position for position in pending if position not in chosen]


class _Task(msgspec.Struct, frozen=True):
    """A command, and the version of the presence after which the snapshot has been read, if it was for its sake."""

    command: LocateCommand
    informed_of: int | None


class _Move(msgspec.Struct):
    """A device's way through one batch. `answer` is set as soon as it is not that the fixes were taken."""

    command: LocateCommand
    device: Any
    informed_of: int | None
    answer: Located | Exception | None = None
    advance: Advance | None = None
    coupons: list[UUID] = []


async def _locate_once(pool: Pool, keeper: SnapshotKeeper, tasks: Sequence[_Task]) -> Sequence[Located | Exception]:
    """`tasks` are commands of different devices.

    Read and written apart: what was written in between is what the swap compares for.
    """
    snapshot = keeper.current  # one value for the whole batch, whatever is swapped in meanwhile
    async with connect(pool) as conn:
        rows = await _read_devices(conn, tasks)
    moves = [_Move(task.command, rows.get(task.command.device_id), task.informed_of) for task in tasks]
    for move in moves:
        move.answer = _find_refusal(move.command, move.device)
    _advance_all(snapshot, [m for m in moves if m.answer is None])
    moving = [m for m in moves if m.answer is None]
    if any(_advanced(move).transitions for move in moving):
        await in_transaction(pool, partial(_write_all, snapshot=snapshot, moves=moving))
    elif moving:
        await in_statement(pool, partial(_swap_all, snapshot=snapshot, moves=moving))
    return [move.answer or _answer(_advanced(move), move.coupons) for move in moves]


async def _read_devices(conn: Connection, tasks: Sequence[_Task]) -> dict[UUID, Any]:
    members, devices = [task.command.member_id for task in tasks], [task.command.device_id for task in tasks]
    return {row["device_id"]: row for row in await conn.fetch(QUERIES.read_devices, members, devices)}


def _find_refusal(command: LocateCommand, device: Any) -> Located | Exception | None:
    if device is None or device["member_id"] != command.member_id:
        return unauthenticated()
    if not _opens(command, device):
        return TokenEnded()
    if not device["location_consent"]:
        return Located(0, 0, 0, 0, len(command.fixes), [])
    return None


def _opens(command: LocateCommand, device: Any) -> bool:
    if command.locate_key is None:
        return is_token_valid(device, command.token_hash, command.received_at)
    return is_locate_token_valid(device, command.locate_key, command.token_hash, command.received_at)


def _advance_all(snapshot: Snapshot, moves: Sequence[_Move]) -> None:
    """Match all fixes of the batch at once and advance each device."""
    tracks = [(move.device["program_id"], move.command.fixes) for move in moves]
    for move, seen in zip(moves, match_fences(snapshot.fences, tracks), strict=True):
        presence = read_presence(move.device)
        program_id, received_at = move.device["program_id"], move.command.received_at
        fence_matches = weigh(program_id, seen, snapshot.fences)
        crossable = snapshot.crossable_of(program_id)
        move.advance = advance(presence, fence_matches, snapshot.fences.get, received_at, crossable)
        if ends_by_fence(move.advance.transitions) and move.informed_of != move.device["version"]:
            move.answer = _DoubtfulFence(move.device["version"])
        elif move.advance.tally.accepted == 0:  # nothing to write: the same upload came before
            move.answer = _answer(move.advance, [])


async def _write_all(conn: Connection, snapshot: Snapshot, moves: Sequence[_Move]) -> None:
    await _swap_all(conn, snapshot, moves)
    won = [move for move in moves if move.answer is None]
    moved = [_moved(move) for move in won]
    coupons = await record_transitions(conn, snapshot, moved)
    for move in won:
        move.coupons = coupons.get(move.command.device_id, [])


def _moved(move: _Move) -> Moved:
    advanced = _advanced(move)
    return Moved(move.device, advanced.transitions, move.command.received_at, advanced.presence.suspect is not None)


async def _swap_all(conn: Connection, snapshot: Snapshot, moves: Sequence[_Move]) -> None:
    won = await swap_presences(conn, [_swap(snapshot, move) for move in moves])
    for move in moves:
        move.answer = None if move.command.device_id in won else _LostSwap()


def _swap(snapshot: Snapshot, move: _Move) -> PresenceSwap:
    device, presence = move.device, _advanced(move).presence
    due_at = next_due_at(presence, snapshot.fences.get, move.command.received_at)
    return PresenceSwap(
        device["member_id"], device["device_id"], device["program_id"], device["version"], presence, due_at
    )


def _advanced(move: _Move) -> Advance:
    if move.advance is None:
        raise RuntimeError("a move that was not advanced")
    return move.advance


def _answer(advanced: Advance, coupons: list[UUID]) -> Located:
    tally = advanced.tally
    return Located(tally.accepted, tally.late, tally.future, tally.mocked, 0, coupons)

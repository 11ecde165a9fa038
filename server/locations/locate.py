"""`locate`: fixes of many devices -> presences, transitions, coupons and outbox rows, in one transaction.

The way of a fix: match it and update the presence by the rules (geo.uploads), swap the presence, and only for the rows
that the swap returned: decide, issue and record (server.locations.recording). Where another process wrote a device's
row in between, the swap fails; the device is read and computed again in the next transaction, three times at most.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from geo.fix import Fix
from geo.presences_repository import PresenceSwap, swap_presences
from geo.sweeping import next_due_at
from geo.transition import NewTransitionRecord
from geo.transitions import PresenceUpdate
from geo.upload import Upload
from geo.uploads import apply_uploads
from ids import CouponId, DeviceId, MemberId
from kit.batching import run_split
from kit.database import Connection, DatabaseUnavailable, Pool, in_statement, transact
from kit.sessions import shards_of
from kit.shards import ONE_SHARD
from members.device import is_news
from members.device_tokens import is_token_valid
from members.devices_repository import set_last_seen
from server.locations.device_states import DeviceState, read_device_states
from server.locations.recording import DeviceTransitions, find_unheard, has_fence_change, record_transitions
from server.problems import Problem, unauthenticated
from server.runtime.snapshot import Snapshot
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.web.locate_tokens import is_locate_token_valid

MAX_TRIES = 3


class LocateCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Good fixes of one device; `token_hash` is still to be compared with the device's.

    With a `locate_key` it is the hash of a locate token, derived under that key.
    """

    member_id: MemberId
    device_id: DeviceId
    token_hash: bytes
    fixes: Sequence[Fix]
    received_at: datetime
    locate_key: bytes | None = None


class LocateResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the fixes; `no_consent` ones were dropped because the member does not consent to location.

    `coupons` are the ids of those that the fixes earned.
    """

    accepted: int = 0
    late: int = 0
    future: int = 0
    mocked: int = 0
    no_consent: int = 0
    coupons: list[CouponId] = []

    def plus(self, later: "LocateResult") -> "LocateResult":
        """Of two parts of one upload."""
        return LocateResult(
            accepted=self.accepted + later.accepted,
            late=self.late + later.late,
            future=self.future + later.future,
            mocked=self.mocked + later.mocked,
            no_consent=self.no_consent + later.no_consent,
            coupons=self.coupons + later.coupons,
        )


class TokenMismatch(Problem):
    """The token is none of those that the device has now; the device itself is signed in."""

    def __init__(self) -> None:
        plain = unauthenticated()
        super().__init__(plain.slug, plain.detail)


class _Retry(Exception):
    """No answer yet: the device must be read and computed once more."""


class _LostSwap(_Retry):
    """Another process wrote the device's presence between our read and our write."""


class _StaleSnapshot(_Retry):
    """The presence says that the device is in a fence that our snapshot lacks or has at another place.

    Either the fence was edited or removed, or our snapshot is older than it. `version` is that of the presence.
    """

    def __init__(self, version: int) -> None:
        self.version = version


async def locate(
    pool: Pool, keeper: SnapshotKeeper, commands: Sequence[LocateCommand]
) -> Sequence[LocateResult | Exception]:
    """One answer a command, in order; a command that failed is answered by its exception."""
    answers: dict[int, LocateResult | Exception] = {}
    tries: Counter[int] = Counter()
    refreshed_for: dict[int, int] = {}
    pending = list(range(len(commands)))
    while pending:
        turn, pending = _one_per_device(commands, pending)
        run = partial(_locate_once, pool, keeper)
        results = await run_split(run, [_Attempt(commands[p], refreshed_for.get(p)) for p in turn])
        tries.update(turn)
        for position, result in zip(turn, results, strict=True):
            if not isinstance(result, _Retry):
                answers[position] = result
            elif tries[position] < MAX_TRIES:
                pending.append(position)
            else:
                answers[position] = Problem("unavailable", "Send the same fixes again.", retry_after_s=1)
        stale = {p: r.version for p, r in zip(turn, results, strict=True) if isinstance(r, _StaleSnapshot)}
        if stale:
            # A snapshot read after the presence knows every fence that the presence can be in.
            refreshed_for |= stale
            try:
                await keeper.refresh()
            except DatabaseUnavailable as outage:
                answers |= dict.fromkeys(stale, outage)
                pending = [position for position in pending if position not in stale]
    return [answers[position] for position in range(len(commands))]


def _one_per_device(commands: Sequence[LocateCommand], pending: Sequence[int]) -> tuple[list[int], list[int]]:
    """The first waiting command of each device, and the rest: a statement can write a row only once."""
    first = {commands[position].device_id: position for position in sorted(pending, reverse=True)}
    if len(first) == len(pending):  # nearly always: what gathers them holds a device's next one back
        return sorted(pending), []
    turn = sorted(first.values())
    chosen = set(turn)
    return turn, [position for position in pending if position not in chosen]


class _Attempt(msgspec.Struct, frozen=True):
    """One try of a command. `refreshed_for`: the version of the presence after which the snapshot was read anew."""

    command: LocateCommand
    refreshed_for: int | None


class _DeviceUpdate(msgspec.Struct):
    """What the fixes of one device change. `answer` is set where it is not that they were taken."""

    attempt: _Attempt
    device: DeviceState
    result: PresenceUpdate
    answer: LocateResult | Exception | None = None
    coupons: list[CouponId] = []

    @property
    def received_at(self) -> datetime:
        return self.attempt.command.received_at


async def _locate_once(
    pool: Pool, keeper: SnapshotKeeper, attempts: Sequence[_Attempt]
) -> Sequence[LocateResult | Exception]:
    """`attempts` are of different devices.

    Read and written apart: what was written in between is what the swap compares for. On one connection, for to lend
    another one costs as much as a statement; where the write has to be repeated, it is from the reading on.
    """
    return await in_statement(pool, partial(_locate_on, keeper=keeper, attempts=attempts))


async def _locate_on(
    conn: Connection, keeper: SnapshotKeeper, attempts: Sequence[_Attempt]
) -> Sequence[LocateResult | Exception]:
    snapshot = keeper.current  # one value for the whole batch, whatever is swapped in meanwhile
    commands = [attempt.command for attempt in attempts]
    states = await read_device_states(conn, [c.member_id for c in commands], [c.device_id for c in commands])
    found = [_authorize(command, states.get(command.device_id)) for command in commands]
    await _note_seen(conn, found, commands)
    updates = _apply_all(
        snapshot, [(a, state) for a, state in zip(attempts, found, strict=True) if isinstance(state, DeviceState)]
    )
    changed = [update for update in updates if update.answer is None]
    moves = find_unheard(snapshot, _transitions_of(changed))
    if moves is None or (moves and shards_of(conn) is not ONE_SHARD):
        await transact(conn, partial(_write_all, snapshot=snapshot, updates=changed))
    elif changed:
        await _swap_all(conn, snapshot, changed, moves)
    answers = iter([update.answer or _answer(update) for update in updates])
    return [next(answers) if isinstance(each, DeviceState) else each for each in found]


async def _note_seen(
    conn: Connection, found: Sequence[DeviceState | LocateResult | Exception], commands: Sequence[LocateCommand]
) -> None:
    """Once a day for each device, so that hardly any batch asks for it; before a coupon looks for a phone to tell."""
    now = max(command.received_at for command in commands)
    seen = [
        (each.member_id, each.device_id)
        for each in found
        if isinstance(each, DeviceState) and is_news(each.last_seen_at, now)
    ]
    if seen:
        await set_last_seen(conn, seen, now)


def _authorize(command: LocateCommand, device: DeviceState | None) -> DeviceState | LocateResult | Exception:
    """The device, or the answer where its fixes are not taken."""
    if device is None or device.member_id != command.member_id:
        return unauthenticated()
    if not _is_token_valid(command, device):
        return TokenMismatch()
    if not device.location_consent:
        return LocateResult(no_consent=len(command.fixes))
    return device


def _is_token_valid(command: LocateCommand, device: DeviceState) -> bool:
    if command.locate_key is None:
        return is_token_valid(device.tokens, command.token_hash, command.received_at)
    return is_locate_token_valid(device.tokens, command.locate_key, command.token_hash, command.received_at)


def _apply_all(snapshot: Snapshot, uploads: Sequence[tuple[_Attempt, DeviceState]]) -> list[_DeviceUpdate]:
    """Match all fixes of the batch at once and apply them to each device's presence. One update an upload, in order."""
    results = apply_uploads(snapshot.fences, [_upload(snapshot, attempt, device) for attempt, device in uploads])
    updates = []
    for (attempt, device), result in zip(uploads, results, strict=True):
        update = _DeviceUpdate(attempt, device, result)
        if has_fence_change(result.transitions) and attempt.refreshed_for != device.version:
            update.answer = _StaleSnapshot(device.version)
        elif result.counts.accepted == 0:  # nothing to write: the same upload came before
            update.answer = _answer(update)
        updates.append(update)
    return updates


def _upload(snapshot: Snapshot, attempt: _Attempt, device: DeviceState) -> Upload:
    return Upload(
        program_id=device.program_id,
        presence=device.presence,
        fixes=attempt.command.fixes,
        received_at=attempt.command.received_at,
        crossable=snapshot.crossable_of(device.program_id),
        minutes_of=snapshot.stay_minutes_of(device.program_id),
    )


async def _write_all(conn: Connection, snapshot: Snapshot, updates: Sequence[_DeviceUpdate]) -> None:
    await _swap_all(conn, snapshot, updates)
    won = [update for update in updates if update.answer is None]
    coupons = await record_transitions(conn, snapshot, _transitions_of(won))
    for update in won:
        update.coupons = coupons.get(update.device.device_id, [])


def _transitions_of(updates: Sequence[_DeviceUpdate]) -> list[DeviceTransitions]:
    moved = [update for update in updates if update.result.transitions]
    return [DeviceTransitions.of(update.device, update.result, update.received_at) for update in moved]


async def _swap_all(
    conn: Connection,
    snapshot: Snapshot,
    updates: Sequence[_DeviceUpdate],
    moves: Sequence[NewTransitionRecord] = (),
) -> None:
    won = await swap_presences(conn, [_swap(snapshot, update) for update in updates], moves)
    for update in updates:
        update.answer = None if update.device.device_id in won else _LostSwap()


def _swap(snapshot: Snapshot, update: _DeviceUpdate) -> PresenceSwap:
    presence, device = update.result.presence, update.device
    minutes_of, policies = snapshot.stay_minutes_of(device.program_id), update.result.policies
    policy_of = snapshot.fences.find_policy if policies is None else policies.get
    return device.swap(presence, next_due_at(presence, policy_of, update.received_at, minutes_of))


def _answer(update: _DeviceUpdate) -> LocateResult:
    counts = update.result.counts
    return LocateResult(
        accepted=counts.accepted,
        late=counts.late,
        future=counts.future,
        mocked=counts.mocked,
        coupons=update.coupons,
    )

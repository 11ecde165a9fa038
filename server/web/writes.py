"""How a controller writes: one transaction, the Idempotency-Key, the audit trail, and the answer after the commit.

**The lock order.** No two transactions may wait for each other, so every transaction of the server takes its locks in
this order, and several locks of one kind in the order of their keys:

    a program's versions, verification codes, alerts, requests of erasures, handles, transfers, what files said of
    members (imported_members), presences, members (who became another one after those), codes on paper, reservations of
    coupons, cards, used card codes, the scan that is referred to, profiles, receipts, bills, visits, counts of visits
    (a lock of the person), purchases and spendings, point accounts, slices of budgets, coupons, messages to push,
    counts of messages, facts of members, links with LINE accounts, invitations; of texts and calls a row of
    phone_sends, then the day's spending

Messages of coupons that the transaction itself has issued, and of their steps, are written behind the counts: nobody
else knows them. A batch of a campaign's run holds the run and its part first of all, one of follow-ups its rows, and
passes over members that are locked. A batch of an import holds its run first of all; one that goes ahead of another
(server/moving_in/turns.py) locks nothing but what it has made, and its run last. A redemption, a claim of a code on
paper and a withdrawal lock their campaigns (and batches of codes) first of all but the program's versions, and no
budget. Who gives out places locks campaigns and budgets, and waits for no slice; who moves a cap waits for slices
behind them, since nobody who holds one waits for a budget (docs/decisions/0043).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar, cast, overload

import msgspec
from litestar import Response

from kit.clock import utc_now
from kit.database import Connection, in_transaction
from programs import programs_repository
from programs.audit_repository import record_audit
from programs.staff_repository import Session
from server.problems import CommittedRefusal
from server.web.auth import Call, name_of
from server.web.idempotency import Answer, IdempotencyKey, make_idempotency_key, write_once
from server.web.services import Services

B = TypeVar("B")

# In a request's state: which route of the API does the same, where a page has told it.
ACT = "act"

# To hash more than that takes longer than the loop may be held; a thread does it without the interpreter.
_HASHED_AT_ONCE = 1_000_000


class _Single(msgspec.Struct, frozen=True):
    idempotency_key: IdempotencyKey | None
    now: datetime


# What processes hold in memory has two version counters: one for fences; one for stores, campaigns and rules of visits.
Bumped = Literal["fences", "campaigns"]
_BUMP = {
    "fences": programs_repository.bump_fence_version,
    "campaigns": programs_repository.bump_campaign_version,
}


@overload
async def write(
    request: Call,
    services: Services,
    work: Callable[[Connection, datetime], Awaitable[B | CommittedRefusal]],
    *,
    bumps: None = None,
    status: int = 200,
    is_keyed: bool = True,
    key: IdempotencyKey | None = None,
    target: str | None = None,
) -> Response[B]: ...


@overload
async def write(
    request: Call,
    services: Services,
    work: Callable[[Connection, datetime, int], Awaitable[B | CommittedRefusal]],
    *,
    bumps: Bumped,
    status: int = 200,
    is_keyed: bool = True,
    key: IdempotencyKey | None = None,
    target: str | None = None,
) -> Response[B]: ...


async def write(
    request: Call,
    services: Services,
    work: Callable[..., Awaitable[B | CommittedRefusal]],
    *,
    bumps: Bumped | None = None,
    status: int = 200,
    is_keyed: bool = True,
    key: IdempotencyKey | None = None,
    target: str | None = None,
) -> Response[B]:
    """Run `work` and answer what it returns as JSON. It raises Problem to refuse; then nothing is written.

    What staff do goes into the audit trail, with what it was done to (`target`; else the body's id or the path).
    `bumps`: what the work changes of the snapshot that processes hold. The work then gets the next version as its last
    argument, and this process takes the change over before it answers. Staff only. `is_keyed` False: an Idempotency-Key
    is not looked at, and no record is left. `key`: one that came otherwise than in the header.
    """
    if key is None and is_keyed:
        key = await idempotency_key_of(request, name_of(request.user))
    command = _Single(key, utc_now())

    async def run(conn: Connection, commands: Sequence[_Single]) -> list[Answer | Exception]:
        now = commands[0].now
        versions = [] if bumps is None else [await _BUMP[bumps](conn, request.user.program_id)]
        body = await work(conn, now, *versions)
        if isinstance(body, CommittedRefusal):
            return [body.problem]
        await _audit(conn, request, target or str(getattr(body, "id", path_of(request))), now)
        return [Answer(status, b"" if body is None else msgspec.json.encode(body))]

    async def once(conn: Connection) -> list[Answer | Exception]:
        return await write_once(conn, services.keyring, [command], run)

    (answer,) = await in_transaction(services.pool, once)
    if isinstance(answer, Exception):
        raise answer
    if bumps is not None:
        await services.keeper.refresh_if_possible()
    return cast("Response[B]", send(answer))


def act_of(request: Call) -> str:
    """What is done, as the audit trail names it: the route's method and path, also where a page does the same."""
    told: str | None = request.scope["state"].get(ACT)
    return told or f"{request.method} {request.scope['path_template']}"


def path_of(request: Call) -> str:
    """The act's path with ids as we spell them, whatever the caller's spelling: an erasure looks for them by it."""
    path = act_of(request).partition(" ")[2]
    for name, value in request.path_params.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


async def idempotency_key_of(request: Call, principal: str) -> IdempotencyKey | None:
    key = request.headers.get("idempotency-key")
    body = await request.body()
    asked = (principal, key, str(request.method), request.url.path, body)
    if len(body) <= _HASHED_AT_ONCE:
        return make_idempotency_key(*asked)
    return await asyncio.to_thread(make_idempotency_key, *asked)


def send(answer: Answer) -> Response[Any]:
    if not answer.body:
        return Response(None, status_code=answer.status)
    return Response(answer.body, status_code=answer.status, media_type="application/json")


async def _audit(conn: Connection, request: Call, target: str, now: datetime) -> None:
    if isinstance(request.user, Session):
        await record_audit(
            conn,
            request.user.program_id,
            actor=name_of(request.user),
            action=act_of(request),
            target=target,
            now=now,
        )

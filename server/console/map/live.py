"""What each browser is told of the people who come in: once a window of time, and for all of a program read once.

No connection of the database is held while nothing is read, however many look.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

import msgspec
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import ServerSentEventMessage

from ids import MemberId, ProgramId, StoreId
from kit.clock import utc_now
from kit.database import connect
from kit.ids import first_id_at
from kit.sql import load_queries
from programs.store import Place
from server.console.map.crowds import count_crowds, last_window
from server.console.sessions import find_console_session
from server.web.scoping import scope_of
from server.web.services import Services

QUERIES = load_queries(__file__, "live.sql")
# How often it is looked whether the session still is, and something sent, so that proxies keep the line.
BEAT_S = 15.0


class _Read(NamedTuple):
    entered: Sequence[tuple[StoreId, MemberId]]
    stores: Mapping[StoreId, tuple[str, Place | None]]


class LiveTransitions:
    """Of one process. A session has one stream: a new one ends the one before."""

    def __init__(self) -> None:
        self._read: dict[ProgramId, tuple[datetime, asyncio.Task[_Read]]] = {}
        self._streams: dict[bytes, asyncio.Event] = {}

    async def stream(self, services: Services, secret: bytes) -> AsyncIterator[ServerSentEventMessage]:
        """Until the session ends, the process leaves, or another stream takes its place."""
        replaced = asyncio.Event()
        before = self._streams.get(secret)
        if before is not None:
            before.set()
        self._streams[secret] = replaced
        try:
            async for message in self._tell(services, secret, replaced):
                yield message
        finally:
            if self._streams.get(secret) is replaced:
                del self._streams[secret]

    async def _tell(
        self, services: Services, secret: bytes, replaced: asyncio.Event
    ) -> AsyncIterator[ServerSentEventMessage]:
        told: datetime | None = None
        while not replaced.is_set() and not services.leaving.drains.is_set():
            session = await find_console_session(services, secret)
            if session is None:
                yield ServerSentEventMessage(event="ended", data="")
                return
            since, until = last_window(utc_now())
            if until != told:
                told = until
                crowds = await self._count(services, session.program_id, (since, until), scope_of(session))
                yield ServerSentEventMessage(event="crowds", data=crowds)
            else:
                yield ServerSentEventMessage(comment="", data=None)
            await _wait(BEAT_S, replaced, services.leaving.drains)
        yield ServerSentEventMessage(event="replaced" if replaced.is_set() else "leaving", data="")

    async def _count(
        self,
        services: Services,
        program_id: ProgramId,
        window: tuple[datetime, datetime],
        only: Collection[StoreId] | None,
    ) -> bytes:
        """One reading serves all who look at the program."""
        kept = self._read.get(program_id)
        if kept is None or kept[0] != window[1] or (kept[1].done() and kept[1].exception() is not None):
            kept = window[1], asyncio.ensure_future(_read(services, program_id, window))
            self._read[program_id] = kept
        read = await asyncio.shield(kept[1])
        return msgspec.json.encode(count_crowds(window[1], read.entered, read.stores, only))


async def _read(services: Services, program_id: ProgramId, window: tuple[datetime, datetime]) -> _Read:
    since, until = map(first_id_at, window)
    async with connect(services.pool) as conn:
        entered = await conn.fetch(QUERIES.list_entered, program_id, since, until)
        places = await conn.fetch(QUERIES.list_places, program_id) if entered else []
    stores = {row["id"]: (row["name"], None if row["lat"] is None else Place(row["lat"], row["lon"])) for row in places}
    return _Read([(row["store_id"], row["member_id"]) for row in entered], stores)


async def _wait(seconds: float, *events: asyncio.Event) -> None:
    """Until one of them is set, or so long."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


LiveTransitionsDependency: TypeAlias = NamedDependency[SkipValidation[LiveTransitions]]

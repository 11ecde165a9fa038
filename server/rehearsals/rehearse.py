"""`rehearse`: a campaign over what really happened, in a transaction that can only read.

Members are gone through in the order of a hash until all are done or the time is over; so whoever is gone through is a
sample. What happened to them is judged by the rules that judge it when it happens (`find_candidates`, `evaluate`); then
all of it together, in the order of time, by `simulate`.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from audiences.failing import explained_judge_of
from audiences.moment import Moment
from audiences.views import MemberView
from audiences.views_repository import read_views
from coupons.campaigns.triggers import TRIGGERS, TriggerEvent, event_of
from coupons.issuing.budgets import budgets_of
from ids import CampaignId, MemberId, StoreId
from kit.database import Connection, Pool, in_read_only_transaction
from kit.steps import Steps, run_gently
from push.caps import WEEK_DAYS
from server.issuing.candidates import Candidate, find_candidates
from server.issuing.judge_audiences import refusal_of
from server.messages.member_zones import read_member_zones
from server.messages.recipients import read_recipients
from server.rehearsals.book import Book
from server.rehearsals.past_events import Window, list_past_events
from server.rehearsals.prices import add_readers, read_pricing
from server.rehearsals.question import Question
from server.rehearsals.read_histories import QUERIES, Persons, read_books, read_persons
from server.rehearsals.rehearsal import Rehearsal
from server.rehearsals.rewind import AsOf, rewind
from server.rehearsals.simulate import Sample, simulate
from server.rehearsals.staging import Stage, set_stage
from server.rehearsals.tally import Scale, Tally
from server.rehearsals.tell import tell
from server.runtime.snapshot import Snapshot

# Some hundreds are read in a few milliseconds; more members than that tell hardly more.
_BATCH_MEMBERS = 200
_MOST_MEMBERS = 50_000
_TIME_S = 8.0
_AT_ONCE = 20
# Two at once would take each other's time, and the phones'.
rehearsing = asyncio.Lock()


class _Read(msgspec.Struct, kw_only=True):
    """All that the transaction found."""

    stage: Stage
    members: int
    currency: str | None
    judged: int = 0
    events: int = 0
    sample: Sample = msgspec.field(default_factory=Sample)
    beside: dict[MemberId, list[tuple[CampaignId, datetime]]] = msgspec.field(default_factory=lambda: defaultdict(list))
    former: list[tuple[tuple[MemberId, CampaignId, str], datetime]] = []
    former_counts: list[tuple[CampaignId, StoreId | None, object, int]] = []


async def rehearse(pool: Pool, snapshot: Snapshot, question: Question, time_s: float = _TIME_S) -> Rehearsal:
    """After `time_s` no more members are begun. Raises DatabaseUnavailable."""
    async with rehearsing:
        read = await in_read_only_transaction(pool, lambda conn: _read(conn, snapshot, question, time_s))
        scale = Scale(read.judged, read.members)
        book = Book(read.stage.players, scale.share)
        _note_former(book, read)
        tally = Tally(question.store_ids, read.beside)
        await run_gently(simulate(read.stage, read.sample, book, tally))
    return tell(question, snapshot, read.stage, tally, scale, read.currency, read.sample.pricing.phone)


async def _read(conn: Connection, snapshot: Snapshot, question: Question, time_s: float) -> _Read:
    until_s = time.monotonic() + time_s
    program_id = question.campaign.program_id
    read = _Read(
        stage=await set_stage(conn, snapshot, question.campaign),
        members=await conn.fetchval(QUERIES.count_members, program_id),
        currency=await conn.fetchval(QUERIES.find_currency, program_id),
    )
    read.sample.pricing = await read_pricing(conn, question.campaign)
    rows = await conn.fetch(QUERIES.list_members_by_hash, program_id, _MOST_MEMBERS)
    for start in range(0, len(rows), _BATCH_MEMBERS):
        batch: list[MemberId] = [row["member_id"] for row in rows[start : start + _BATCH_MEMBERS]]
        await _read_batch(conn, snapshot, question, read, batch)
        read.judged += len(batch)
        if time.monotonic() > until_s:
            break
    await _count_former(conn, read, question.window)
    return read


async def _read_batch(
    conn: Connection, snapshot: Snapshot, question: Question, read: _Read, batch: Sequence[MemberId]
) -> None:
    stage, window = read.stage, question.window
    persons = await read_persons(conn, stage, batch, window)
    zones = {} if TRIGGERS[event_of(stage.campaign.trigger.kind)].needs_store else await read_member_zones(conn, batch)
    events: list[TriggerEvent] = []
    for member_id, history in persons.histories.items():
        zone = zones.get(member_id)
        events += list_past_events(stage.campaign, history, zone, window, counts_visits=stage.counts_visits)
    candidates = await run_gently(find_in_steps(stage, events, read.events))
    read.events += len(events)
    able = sorted({each.event.member_id for each in candidates if each.outcome is None})
    if able:
        await read_books(conn, stage, persons, able, window.from_at)
        views = await _read_views(conn, stage, able, window)
        await run_gently(_judge(stage, candidates, persons, views))
        await _read_around(conn, snapshot, read, persons, able, window)
    read.sample.candidates += candidates


def find_in_steps(stage: Stage, events: Sequence[TriggerEvent], start: int) -> Steps[list[Candidate]]:
    found: list[Candidate] = []
    for place in range(0, len(events), _AT_ONCE):
        some = find_candidates(stage.snapshot, events[place : place + _AT_ONCE])
        for each in some:
            each.event_index += start + place
        found += some
        yield
    return found


async def _read_views(
    conn: Connection, stage: Stage, member_ids: Sequence[MemberId], window: Window
) -> Mapping[MemberId, MemberView]:
    if not stage.audiences:
        return {}
    return await read_views(conn, stage.campaign.program_id, member_ids, stage.needs, window.to_at)


def _judge(
    stage: Stage, candidates: Sequence[Candidate], persons: Persons, views: Mapping[MemberId, MemberView]
) -> Steps[None]:
    """As `judge_audiences`, of members as they were."""
    judges = {key: explained_judge_of(each.tree, each.definitions) for key, each in stage.audiences.items()}
    for place, each in enumerate(candidates):
        audience = each.campaign.audience
        if each.outcome is None and audience is not None:
            view, event = views.get(each.event.member_id), each.event
            if view is not None:
                as_of = AsOf(event.event_at, event.now, event.source_id)
                view = rewind(view, persons.histories[event.member_id], stage.books, as_of)
            moment = Moment(event.event_at, each.zone)
            verdict, _ = judges[audience.audience_id, audience.version](view, moment)
            each.outcome = refusal_of(verdict)
        if place % _AT_ONCE == 0:
            yield


async def _read_around(
    conn: Connection, snapshot: Snapshot, read: _Read, persons: Persons, able: Sequence[MemberId], window: Window
) -> None:
    """What else decides of those who may get something, and what they have had of other campaigns."""
    stage, sample = read.stage, read.sample
    wanted = set(able)
    names = sorted(name for name, member_id in persons.of_name.items() if member_id in wanted)
    players = [each.id for each in stage.players]
    channels = {channel for each in stage.players for channel in each.channels}
    recipients = await read_recipients(conn, [(member_id, None) for member_id in able], window.to_at, channels)
    sample.recipients |= {member_id: recipient for (member_id, _), recipient in recipients.items()}
    await add_readers(conn, sample.pricing, stage.campaign, able)
    if stage.tries:
        rows = await conn.fetch(QUERIES.list_arms, able, players)
        sample.arms |= {(row["member_id"], row["campaign_id"]): row["arm"] for row in rows}
    others = [each.id for each in snapshot.campaigns.get(stage.campaign.program_id, ()) if each.id != stage.campaign.id]
    if others:
        for row in await conn.fetch(QUERIES.list_coupons_beside, names, others, window.from_at, window.to_at):
            read.beside[persons.of_name[row["name"]]].append((row["campaign_id"], row["event_at"]))
        first_day = (window.from_at - timedelta(days=WEEK_DAYS + 1)).date()
        for row in await conn.fetch(QUERIES.list_messages, names, players, first_day):
            counted = sample.messages.setdefault(persons.of_name[row["name"]], [])
            counted.append((row["created_at"], row["counted_on"]))
    if stage.rivals:
        rivals = [each.id for each in stage.rivals]
        for row in await conn.fetch(QUERIES.list_former_coupons, names, rivals, window.from_at):
            key = persons.of_name[row["name"]], row["campaign_id"], row["period_key"]
            read.former.append((key, row["event_at"]))


async def _count_former(conn: Connection, read: _Read, window: Window) -> None:
    """Of rivals with caps: how many coupons all members had before."""
    capped = [each.id for each in read.stage.rivals if each.cap is not None or each.store_cap is not None]
    if capped:
        rows = await conn.fetch(QUERIES.count_former_coupons, capped, window.from_at)
        read.former_counts += [tuple(row) for row in rows]


def _note_former(book: Book, read: _Read) -> None:
    for key, earned_at in read.former:
        book.note_former(key, earned_at)
    rivals = {each.id: each for each in read.stage.rivals}
    for campaign_id, store_id, day, coupons in read.former_counts:
        book.take_former(budgets_of(rivals[campaign_id], store_id, day), coupons)  # type: ignore[arg-type]

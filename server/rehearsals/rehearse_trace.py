"""`rehearse_trace`: a campaign over a trace that somebody has sent, by the rules that judge a phone's fixes and what
comes of them. It reads, and writes nothing.

A trace says where somebody was, and nothing of them. They are taken for a member of whom nothing is known, who has
confirmed a contact and consents to everything; or for a member who is named, as they are now.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import get_args

import msgspec

from audiences.facts import begin_facts
from audiences.failing import explained_judge_of
from audiences.moment import Moment
from audiences.tree import ReachableBy
from audiences.views import MemberView, Needs, join_needs, needs_of
from audiences.views_repository import read_views
from channels.phone.phone_accounts_repository import Telephone
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TriggerEvent
from geo.traces import PersonTrace
from ids import MemberId, StoreId
from kit.clock import utc_now
from kit.database import Connection, Pool, in_read_only_transaction
from kit.ids import new_id
from kit.steps import Steps, run_gently
from members.consent import ConsentPurpose
from members.members_repository import find_member
from server.issuing.candidates import Candidate
from server.issuing.judge_audiences import refusal_of
from server.messages.recipients import read_recipients
from server.rehearsals.book import Book
from server.rehearsals.prices import add_readers, read_pricing
from server.rehearsals.read_histories import QUERIES
from server.rehearsals.rehearse import find_in_steps, rehearsing
from server.rehearsals.simulate import Sample, simulate
from server.rehearsals.staging import Stage, set_stage
from server.rehearsals.tally import Tally
from server.rehearsals.tell import as_now, tell_messages, tell_suppression
from server.rehearsals.trace_rehearsal import TracedStep, TraceRehearsal
from server.rehearsals.walk_trace import TracedTransition, walk_trace
from server.runtime.snapshot import Snapshot

MAX_STEPS_TOLD = 1000
_AT_ONCE = 20

_ANYBODY = (
    "member",
    (
        "It was taken for a member who has confirmed a contact, consents to everything and is in no experiment, and of"
        " whom nothing else is known: neither profile nor visits, purchases, points, rank or coupons."
    ),
    (
        "連絡先を確認済みで、すべてに同意し、実験の対象でなく、プロフィール・来店・購入・ポイント・ランク・クーポンの"
        "記録がない会員とみなしました。"
    ),
)
_NAMED = (
    "member",
    "The member was taken as they are now, whenever the trace was recorded.",
    "会員の情報は、軌跡の記録時ではなく現在のものを使いました。",
)
_BEFORE = (
    "former_coupons",
    "Nothing was issued before: frequency, cool-down and caps count what the trace earns.",
    "これまでの発行はないものとし、頻度・間隔・上限は、この軌跡の分だけを数えました。",
)
_PHONE = (
    "phone",
    "Each fix was taken to have been sent at once; the phone's own geofence events are not in a trace.",
    "位置情報は記録と同時に送信されたものとみなしました。端末のジオフェンスのイベントは軌跡に含まれません。",
)
_RULES = (
    "rules",
    "Geofences, opening hours, other campaigns and their audiences are those of now.",
    "ジオフェンス、営業時間、ほかのキャンペーンとその対象者は現在のものを使いました。",
)


class TraceQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """`member_id`: whose the only trace is; None: nobody's in particular. `store_ids` as of a Question."""

    campaign: Campaign
    traces: Sequence[PersonTrace]
    member_id: MemberId | None = None
    store_ids: frozenset[StoreId] | None = None


class _Walked(msgspec.Struct, frozen=True):
    person: str
    step: TracedTransition
    event: TriggerEvent


async def rehearse_trace(pool: Pool, snapshot: Snapshot, question: TraceQuestion) -> TraceRehearsal:
    """Raises DatabaseUnavailable."""
    async with rehearsing:
        stage, views, sample, is_verified = await in_read_only_transaction(
            pool, lambda conn: _read(conn, snapshot, question)
        )
        walked = await run_gently(_walk(stage, question, is_verified=is_verified))
        candidates = await run_gently(find_in_steps(stage, [each.event for each in walked], 0))
        await run_gently(_judge(stage, candidates, views, question))
        sample.candidates = candidates
        tally = Tally(question.store_ids, {})
        await run_gently(simulate(stage, sample, Book(stage.players, 1.0), tally))
    return _tell(question, stage, walked, candidates, tally, sample.pricing.phone)


async def _read(
    conn: Connection, snapshot: Snapshot, question: TraceQuestion
) -> tuple[Stage, Mapping[MemberId, MemberView], Sample, bool]:
    stage = await set_stage(conn, snapshot, question.campaign)
    member_id, campaign = question.member_id, question.campaign
    if member_id is None:
        lotless = msgspec.structs.replace(stage.snapshot, experiments={})
        return msgspec.structs.replace(stage, snapshot=lotless), {}, Sample(), True
    views: Mapping[MemberId, MemberView] = {}
    if stage.audiences:
        needs = join_needs(needs_of([each.tree]) for each in stage.audiences.values())
        views = await read_views(conn, campaign.program_id, [member_id], needs, question.traces[0].fixes[0].recorded_at)
    channels = {channel for each in stage.players for channel in each.channels}
    recipients = await read_recipients(conn, [(member_id, None)], utc_now(), channels)
    rows = await conn.fetch(QUERIES.list_arms, [member_id], [each.id for each in stage.players])
    sample = Sample(
        recipients={member: recipient for (member, _), recipient in recipients.items()},
        arms={(row["member_id"], row["campaign_id"]): row["arm"] for row in rows},
        pricing=await read_pricing(conn, campaign),
    )
    await add_readers(conn, sample.pricing, campaign, [member_id])
    member = await find_member(conn, member_id)
    return stage, views, sample, member is not None and member.verified_at is not None


def _walk(stage: Stage, question: TraceQuestion, *, is_verified: bool) -> Steps[list[_Walked]]:
    """In the order of what was known when."""
    program_id, walked = question.campaign.program_id, []
    for trace in question.traces:
        member_id = question.member_id or MemberId(new_id())
        for step in (yield from walk_trace(stage.snapshot, program_id, trace.fixes)):
            event = TriggerEvent(
                trigger=step.transition.kind,
                member_id=member_id,
                program_id=program_id,
                store_id=step.transition.store_id,
                event_at=step.transition.event_at,
                now=step.received_at,
                is_verified=is_verified,
                is_first_fix=step.transition.cause == "first_fix",
                minutes=step.transition.minutes,
            )
            walked.append(_Walked(trace.person, step, event))
    return sorted(walked, key=lambda each: (each.event.now, each.event.event_at))


def _judge(
    stage: Stage, candidates: Sequence[Candidate], views: Mapping[MemberId, MemberView], question: TraceQuestion
) -> Steps[None]:
    judges = {key: explained_judge_of(each.tree, each.definitions) for key, each in stage.audiences.items()}
    for place, each in enumerate(candidates):
        audience = each.campaign.audience
        if each.outcome is None and audience is not None:
            view = _anybody(each.event, stage.needs) if question.member_id is None else views.get(question.member_id)
            moment = Moment(each.event.event_at, each.zone)
            verdict, _ = judges[audience.audience_id, audience.version](view, moment)
            each.outcome = refusal_of(verdict)
        if place % _AT_ONCE == 0:
            yield


def _anybody(event: TriggerEvent, needs: Needs) -> MemberView:
    return MemberView(
        facts=begin_facts(event.member_id, event.program_id, event.event_at),
        consents=frozenset(get_args(ConsentPurpose)),
        judged={key: True if isinstance(leaf, ReachableBy) else None for key, leaf in needs.judged.items()},
    )


def _tell(
    question: TraceQuestion,
    stage: Stage,
    walked: Sequence[_Walked],
    candidates: Sequence[Candidate],
    tally: Tally,
    phone: Telephone | None,
) -> TraceRehearsal:
    outcomes = {each.event_index: each.outcome for each in candidates if each.campaign.id == stage.campaign.id}
    seen = [
        _step(stage, each, outcomes.get(place))
        for place, each in enumerate(walked)
        if question.store_ids is None or each.event.store_id in question.store_ids
    ]
    times: list[datetime] = [fix.recorded_at for trace in question.traces for fix in trace.fixes]
    whose = _ANYBODY if question.member_id is None else _NAMED
    return TraceRehearsal(
        campaign_version=question.campaign.version,
        from_at=min(times),
        to_at=max(times),
        fixes=len(times),
        persons=len(question.traces),
        steps_found=len(seen),
        steps=sorted(seen, key=attrgetter("event_at"))[:MAX_STEPS_TOLD],
        coupons=tally.coupons,
        suppressed=[
            tell_suppression(outcome, often) for outcome, often in tally.outcomes.most_common() if outcome != "issued"
        ],
        messages=[] if question.member_id is None else tell_messages(question.campaign, tally, round, phone),
        cannot_tell=[as_now(*each) for each in (whose, _BEFORE, _PHONE, _RULES)],
    )


def _step(stage: Stage, walked: _Walked, outcome: str | None) -> TracedStep:
    transition = walked.step.transition
    store = stage.snapshot.stores.get(transition.store_id)
    return TracedStep(
        person=walked.person,
        kind=transition.kind,
        minutes=transition.minutes,
        store_id=transition.store_id,
        store_name="" if store is None else store.name,
        event_at=transition.event_at,
        told_at=walked.step.received_at,
        outcome=outcome,
    )

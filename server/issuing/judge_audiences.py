"""Whether members are in the audiences of the campaigns that would give them something: one batch, no query a rule.

A member is judged as they stood before the event: facts are written at the end of its transaction, and of what is
counted by days only what came before the event is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from audiences.audience import LoadedAudience
from audiences.audiences_repository import load_audiences
from audiences.evaluate import evaluate
from audiences.failing import find_failing
from audiences.logic import Verdict
from audiences.moment import Moment
from audiences.views import MemberView, Needs, join_needs, needs_of
from audiences.views_repository import read_views
from audiences.walk import AudienceKey
from coupons.campaigns.campaign import AudienceVersion
from coupons.issuing.rules import AudienceRefusal
from ids import MemberId, ProgramId
from kit.database import Connection
from server.issuing.candidates import Candidate

# What a version stands for never changes, so a process reads it once.
_MAX_HELD = 10_000
_held: dict[AudienceKey, LoadedAudience] = {}
_needs: dict[AudienceKey, Needs] = {}


class _Question(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Is the member in it, at that moment, by that zone's calendar?"""

    program_id: ProgramId
    member_id: MemberId
    audience: AudienceVersion
    event_at: datetime
    zone: tzinfo

    @property
    def key(self) -> AudienceKey:
        return self.audience.audience_id, self.audience.version


class _Answer(msgspec.Struct, frozen=True):
    """`failing`: where the condition stands that keeps the member out; None where none does."""

    verdict: Verdict
    failing: str | None


async def judge_audiences(conn: Connection, candidates: Sequence[Candidate]) -> None:
    """Refuse those whose member is not in the campaign's audience. Nothing is read where no campaign has one."""
    asking = [
        (each, _question(each, each.campaign.audience))
        for each in candidates
        if each.outcome is None and each.campaign.audience is not None
    ]
    answers: dict[_Question, _Answer] = {}
    for program_id in sorted({question.program_id for _, question in asking}):
        of_program = {question for _, question in asking if question.program_id == program_id}
        answers |= await _judge(conn, program_id, of_program)
    for candidate, question in asking:
        answer = answers[question]
        candidate.outcome = refusal_of(answer.verdict)
        if candidate.outcome is not None:
            audience_id, version = question.key
            candidate.inputs = {"audience_id": str(audience_id), "audience_version": version, "at": answer.failing}


def _question(candidate: Candidate, audience: AudienceVersion) -> _Question:
    event = candidate.event
    return _Question(
        program_id=event.program_id,
        member_id=event.member_id,
        audience=audience,
        event_at=event.event_at,
        zone=candidate.zone,
    )


async def _judge(conn: Connection, program_id: ProgramId, questions: set[_Question]) -> dict[_Question, _Answer]:
    audiences = await _load(conn, program_id, {each.key for each in questions})
    members = sorted({each.member_id for each in questions})
    needs = join_needs(_needs_of(key, audience) for key, audience in audiences.items())
    views = await read_views(conn, program_id, members, needs, min(each.event_at for each in questions))
    moments = {(each.event_at, each.zone): Moment(each.event_at, each.zone) for each in questions}
    return {
        each: _evaluate(audiences[each.key], views.get(each.member_id), moments[each.event_at, each.zone])
        for each in questions
    }


def _evaluate(audience: LoadedAudience, view: MemberView | None, moment: Moment) -> _Answer:
    verdict = evaluate(audience.tree, view, moment, audience.definitions)
    failing = None if verdict else find_failing(audience.tree, verdict, view, moment, audience.definitions)
    return _Answer(verdict, failing)


def _needs_of(key: AudienceKey, audience: LoadedAudience) -> Needs:
    needs = _needs.get(key)
    if needs is None:
        needs = _needs[key] = needs_of([audience.tree])
    return needs


async def _load(
    conn: Connection, program_id: ProgramId, keys: set[AudienceKey]
) -> Mapping[AudienceKey, LoadedAudience]:
    missing = keys - _held.keys()
    if missing:
        loaded = await load_audiences(conn, program_id, missing)
        if len(_held) + len(loaded) > _MAX_HELD:
            _held.clear()
            _needs.clear()
        _held.update(loaded)
    return {key: _held[key] for key in keys}


def refusal_of(verdict: Verdict) -> AudienceRefusal | None:
    if verdict is None:
        return "audience_unknown"
    return None if verdict else "not_in_audience"

"""Whether members are in the audiences of the campaigns that would give them something: one batch, no query a rule.

A member is judged as they stood before the event: facts are written at the end of its transaction, and of what is
counted by days only what came before the event is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby

import msgspec

from audiences.audience import LoadedAudience
from audiences.audiences_repository import load_audiences
from audiences.failing import ExplainedJudge, Judgement, explained_judge_of
from audiences.logic import Verdict
from audiences.moment import Moment
from audiences.views import MemberView, Needs, join_needs, needs_of
from audiences.views_repository import read_views
from coupons.campaigns.campaign import AudienceVersion
from coupons.issuing.rules import AudienceRefusal
from ids import AudienceId, ProgramId
from kit.database import Connection
from server.issuing.candidates import Candidate

# What a version stands for never changes, so a process reads it once; and campaigns that hear of one event mostly hear
# of the next one together.
_MAX_HELD = 10_000
_MAX_JOINED = 1_000


class _Held(msgspec.Struct, frozen=True):
    """How an audience is judged, what must be read for it, and how a decision names it."""

    judge: ExplainedJudge
    needs: Needs
    named: str


_held: dict[AudienceVersion, _Held] = {}
_joined: dict[frozenset[AudienceVersion], Needs] = {}


async def judge_audiences(conn: Connection, candidates: Sequence[Candidate]) -> None:
    """Refuse those whose member is not in the campaign's audience. Nothing is read where no campaign has one."""
    asking: dict[ProgramId, list[tuple[Candidate, AudienceVersion]]] = {}
    for each in candidates:
        audience = each.campaign.audience
        if each.outcome is None and audience is not None:
            asking.setdefault(each.event.program_id, []).append((each, audience))
    for program_id in sorted(asking):
        await _judge(conn, program_id, asking[program_id])


async def _judge(conn: Connection, program_id: ProgramId, asking: Sequence[tuple[Candidate, AudienceVersion]]) -> None:
    asked = frozenset([audience for _, audience in asking])
    held = await _load(conn, program_id, asked)
    members = sorted({each.event.member_id for each, _ in asking})
    as_of = min(each.event.event_at for each, _ in asking)
    views = await read_views(conn, program_id, members, _needs_of(asked, held), as_of)
    moments: dict[tuple[datetime, tzinfo], Moment] = {}
    for _, group in groupby(asking, key=_event_of):
        of_event = list(group)
        first = of_event[0][0]
        at, zone = first.event.event_at, first.zone
        moment = moments.setdefault((at, zone), Moment(at, zone))
        _judge_event(of_event, held, views.get(first.event.member_id), moment)


def _event_of(asking: tuple[Candidate, AudienceVersion]) -> int:
    return asking[0].event_index


def _judge_event(
    asking: Sequence[tuple[Candidate, AudienceVersion]],
    held: Mapping[AudienceVersion, _Held],
    view: MemberView | None,
    moment: Moment,
) -> None:
    judged: dict[AudienceVersion, Judgement] = {}
    for candidate, audience in asking:
        judgement = judged.get(audience)
        if judgement is None:
            judgement = judged[audience] = held[audience].judge(view, moment)
        verdict, failing = judgement
        candidate.outcome = refusal_of(verdict)
        if candidate.outcome is not None:
            named = held[audience].named
            candidate.inputs = {"audience_id": named, "audience_version": audience.version, "at": failing}


def _needs_of(asked: frozenset[AudienceVersion], held: Mapping[AudienceVersion, _Held]) -> Needs:
    needs = _joined.get(asked)
    if needs is None:
        if len(_joined) >= _MAX_JOINED:
            _joined.clear()
        needs = _joined[asked] = join_needs(held[each].needs for each in asked)
    return needs


async def _load(
    conn: Connection, program_id: ProgramId, asked: frozenset[AudienceVersion]
) -> Mapping[AudienceVersion, _Held]:
    known = {each: _held[each] for each in asked if each in _held}
    missing = {(each.audience_id, each.version) for each in asked if each not in known}
    if not missing:
        return known
    loaded = await load_audiences(conn, program_id, missing)
    read = {AudienceVersion(*key): _hold(key[0], each) for key, each in loaded.items()}
    if len(_held) + len(read) > _MAX_HELD:
        _held.clear()
    _held.update(read)
    return known | read


def _hold(audience_id: AudienceId, loaded: LoadedAudience) -> _Held:
    judge = explained_judge_of(loaded.tree, loaded.definitions)
    return _Held(judge, needs_of([loaded.tree]), str(audience_id))


def refusal_of(verdict: Verdict) -> AudienceRefusal | None:
    if verdict is None:
        return "audience_unknown"
    return None if verdict else "not_in_audience"

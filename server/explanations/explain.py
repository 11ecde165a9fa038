"""`explain`: why a campaign did or did not fire for a member, or at a store. It reads, and changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from audiences.audiences_repository import load_audiences
from audiences.describe import describe
from audiences.failing import node_at
from coupons.campaigns.campaign import Campaign
from coupons.issuing.decision import DecisionRecord
from coupons.issuing.decisions_repository import count_outcomes_at_store, list_decisions
from ids import AudienceId, CouponId, MemberId, StoreId
from kit.database import Connection
from kit.ids import first_id_at
from kit.locales import Locale
from kit.sql import load_queries
from programs.store import OpenStore
from push.fallback import read_refusals
from server.explanations.absence import (
    Circumstances,
    PersonFacts,
    SeenEvent,
    StateSpan,
    StoreFacts,
    find_absences,
)
from server.explanations.absence_sentences import ABSENCES
from server.explanations.explanation import (
    ExplainedAbsence,
    ExplainedDecision,
    ExplainedMessage,
    ExplainedOutcome,
    Explanation,
)
from server.explanations.messages import Receipts, tell_message
from server.explanations.sentences import OUTCOMES, Pair, fill, pair, spell_moment, words_of
from server.explanations.step_sentences import STEP_OUTCOMES

QUERIES = load_queries(__file__, "explanations.sql")
MOST = 50
_MOST_STATES = 1000
_A_DAY = timedelta(days=1)
_LOCALES: tuple[Locale, ...] = ("en", "ja")
_UNKNOWN = pair("The campaign decided: {outcome}.", "判定：{outcome}。")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`member_ids`: of one person, the member first; none: everybody at the store. `store_id` None: all stores.

    `shows_person`: whether the asker may learn what stands of the person beside what happened at the store.
    """

    campaign: Campaign
    member_ids: Sequence[MemberId]
    store_id: StoreId | None
    from_at: datetime
    to_at: datetime
    shows_person: bool


async def explain(
    conn: Connection, stores: Mapping[StoreId, OpenStore], question: Question, zone: tzinfo, now: datetime
) -> Explanation:
    """`zone`: in which moments are told that belong to no store."""
    decisions: list[ExplainedDecision] = []
    outcomes: list[ExplainedOutcome] = []
    if question.member_ids:
        # Decided later than it happened: by phones without a connection days later.
        between = question.from_at, question.to_at, max(question.to_at, now)
        rows = await list_decisions(conn, question.campaign.id, question.member_ids, question.store_id, between, MOST)
        # A condition tells of the member's age or purchases, the fate of a message of their consent.
        told = rows if question.shows_person else []
        conditions = await _read_conditions(conn, told)
        messages = await _read_messages(conn, question.member_ids, told)
        decisions = [_explain(row, stores, conditions, messages, zone) for row in rows]
    elif question.store_id is not None:
        counts = await count_outcomes_at_store(
            conn, question.campaign, question.store_id, (question.from_at, question.to_at)
        )
        outcomes = [_outcome(outcome, times) for outcome, times in counts.items()]
    absences = [] if decisions or outcomes else await _explain_absence(conn, stores, question, zone, now)
    return Explanation(
        from_at=question.from_at, to_at=question.to_at, decisions=decisions, outcomes=outcomes, absences=absences
    )


async def _read_conditions(conn: Connection, rows: Sequence[DecisionRecord]) -> dict[object, dict[Locale, str]]:
    """By decision: the condition of the audience that kept the member out, in words."""
    refused = {row.id: row for row in rows if "audience_id" in row.inputs}
    if not refused:
        return {}
    keys = {row.id: _key_of(row) for row in refused.values()}
    program_id = next(iter(refused.values())).program_id
    audiences = await load_audiences(conn, program_id, set(keys.values()))
    found: dict[object, dict[Locale, str]] = {}
    for row in refused.values():
        loaded = audiences.get(keys[row.id])
        node = None if loaded is None else node_at(loaded.tree, str(row.inputs["at"]))
        if node is not None:
            found[row.id] = {locale: describe(node, locale) for locale in _LOCALES}
    return found


async def _read_messages(
    conn: Connection, member_ids: Sequence[MemberId], rows: Sequence[DecisionRecord]
) -> dict[CouponId, Record]:
    coupon_ids = [row.coupon_id for row in rows if row.coupon_id is not None]
    if not coupon_ids:
        return {}
    found = await conn.fetch(QUERIES.list_messages, member_ids, coupon_ids)
    return {row["coupon_id"]: row for row in found}


def _key_of(row: DecisionRecord) -> tuple[AudienceId, int]:
    return msgspec.convert((row.inputs["audience_id"], row.inputs["audience_version"]), tuple[AudienceId, int])


def _explain(
    row: DecisionRecord,
    stores: Mapping[StoreId, OpenStore],
    conditions: Mapping[object, Mapping[Locale, str]],
    messages: Mapping[CouponId, Record],
    zone: tzinfo,
) -> ExplainedDecision:
    store = None if row.store_id is None else stores.get(row.store_id)
    here = zone if store is None else store.time_zone
    words = words_of({**row.inputs, "outcome": row.outcome}, here)
    for locale, condition in conditions.get(row.id, {}).items():
        words[locale]["condition"] = condition
    sentence = fill(_pair_of(row.outcome), words)
    sent = None if row.coupon_id is None else messages.get(row.coupon_id)
    return ExplainedDecision(
        member_id=row.member_id,
        store_id=row.store_id,
        event_at=row.event_at,
        decided_at=row.decided_at,
        trigger=row.trigger,
        campaign_version=row.campaign_version,
        outcome=row.outcome,
        coupon_id=row.coupon_id,
        variant=row.variant,
        message=None if sent is None else _tell(sent, here),
        happened=_happened(row, None if store is None else store.name, here),
        why=dict(sentence.why),
        change=None if sentence.change is None else dict(sentence.change),
    )


def _tell(sent: Record, zone: tzinfo) -> ExplainedMessage:
    receipts = Receipts(**{name: sent[name] for name in Receipts.__struct_fields__})
    return tell_message(
        sent["channel"],
        sent["state"],
        sent["failure"],
        sent["next_attempt_at"],
        sent["sent_at"],
        zone,
        receipts,
        read_refusals(sent["refusals"]),
    )


_SENTENCES: Mapping[str, Pair] = {str(word): each for word, each in (*OUTCOMES.items(), *STEP_OUTCOMES.items())}


def _pair_of(outcome: str) -> Pair:
    """The rows outlive the code: a word that is no more is told as it is."""
    return _SENTENCES.get(outcome, _UNKNOWN)


_EVENTS: Mapping[str, tuple[str, str]] = {
    "enter": ("the member entered", "会員が入店しました"),
    "exit": ("the member left", "会員が退店しました"),
    "dwell": ("the member stayed", "会員が滞在しました"),
    "stay": ("the member stayed for long enough", "会員が所定の時間滞在しました"),
    "cross": ("the member passed through", "会員が通過しました"),
    "visit": ("the member came to visit", "会員が来店しました"),
    "stamps": ("the member filled a stamp card", "会員のスタンプカードが満了しました"),
    "broadcast": ("the campaign was sent out", "キャンペーンが配信されました"),
    "schedule": ("the campaign's time came", "キャンペーンの予定の時刻になりました"),
    "birthday": ("the member's birthday was near", "会員の誕生日が近づきました"),
    "lapsed": ("the member had not come for long", "会員の来店がしばらくありませんでした"),
    "points_expiring": ("points of the member were about to expire", "会員のポイントの期限が近づきました"),
    "coupon_expiring": ("a coupon of the member was about to expire", "会員のクーポンの期限が近づきました"),
    "rank_expiring": ("the member was about to lose their rank", "会員のランクが下がる日が近づきました"),
    "rank_reached": ("the member came to a higher rank", "会員のランクが上がりました"),
    "joined": ("the member joined", "会員が入会しました"),
    "follow_up": ("a step after the member's coupon was due", "クーポン発行後のフォローの時刻になりました"),
    "claimed": ("the member claimed their card", "会員がカードを引き継ぎました"),
}


def _happened(row: DecisionRecord, store_name: str | None, zone: tzinfo) -> dict[Locale, str]:
    en, ja = _EVENTS.get(row.trigger, (row.trigger, row.trigger))
    at = spell_moment(row.event_at, zone)
    return {
        "en": f"At {at}: {en}" + (f" ({store_name})." if store_name else "."),
        "ja": f"{at}、{ja}" + (f"（{store_name}）。" if store_name else "。"),
    }


def _outcome(outcome: str, times: int) -> ExplainedOutcome:
    sentence = fill(_pair_of(outcome), words_of({"outcome": outcome}, UTC))
    change = None if sentence.change is None else dict(sentence.change)
    return ExplainedOutcome(outcome=outcome, times=times, why=dict(sentence.why), change=change)


async def _explain_absence(
    conn: Connection, stores: Mapping[StoreId, OpenStore], question: Question, zone: tzinfo, now: datetime
) -> list[ExplainedAbsence]:
    known = Circumstances(
        campaign=question.campaign,
        states=await _list_states(conn, question),
        now=now,
        from_at=question.from_at,
        to_at=question.to_at,
        store=await _find_store(conn, question),
        person=await _find_person(conn, question) if question.shows_person else None,
        seen=await _list_seen(conn, question),
    )
    store = None if question.store_id is None else stores.get(question.store_id)
    here: tzinfo | ZoneInfo = zone if store is None else store.time_zone
    explained = []
    for each in find_absences(known):
        sentence = fill(ABSENCES[each.code], words_of(each.inputs, here))
        change = None if sentence.change is None else dict(sentence.change)
        explained.append(ExplainedAbsence(reason=each.code, why=dict(sentence.why), change=change))
    return explained


async def _list_states(conn: Connection, question: Question) -> list[StateSpan]:
    rows = await conn.fetch(QUERIES.list_states, question.campaign.id, question.to_at, _MOST_STATES)
    ends = [None, *(row["since"] for row in rows)]
    return [StateSpan(row["state"], row["since"], until) for row, until in zip(rows, ends, strict=False)]


async def _find_store(conn: Connection, question: Question) -> StoreFacts | None:
    if question.store_id is None:
        return None
    row = await conn.fetchrow(QUERIES.find_store, question.campaign.program_id, question.store_id)
    return None if row is None else StoreFacts(**row)


async def _find_person(conn: Connection, question: Question) -> PersonFacts | None:
    if not question.member_ids:
        return None
    row = await conn.fetchrow(QUERIES.find_person, question.member_ids[0], question.member_ids)
    return None if row is None else PersonFacts(**row)


async def _list_seen(conn: Connection, question: Question) -> list[SeenEvent]:
    """Where it is asked about first of all: what happened elsewhere may be more than is read."""
    between = {"from_at": question.from_at, "to_at": question.to_at, "limit": MOST}
    if not question.member_ids:
        oldest_id = first_id_at(question.from_at - _A_DAY)
        rows = await conn.fetch(*QUERIES.list_seen_at_store(store_id=question.store_id, oldest_id=oldest_id, **between))
        return [SeenEvent(**row) for row in rows]
    stores = question.campaign.store_ids if question.store_id is None else [question.store_id]
    rows = await conn.fetch(
        *QUERIES.list_seen_of_member(
            member_ids=question.member_ids, store_ids=None if stores is None else list(stores), **between
        )
    )
    if not rows and stores is not None and question.shows_person:
        rows = await conn.fetch(*QUERIES.list_seen_of_member(member_ids=question.member_ids, store_ids=None, **between))
    return [SeenEvent(**row) for row in rows]

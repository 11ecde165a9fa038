"""From trigger events to coupons: the part that locations, check-ins and stamp cards share."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

import msgspec
from msgspec import UNSET

from audiences.facts import FactsDelta
from coupons import coupons_repository
from coupons.budgets import budgets_of
from coupons.campaigns import Campaign
from coupons.coupon import CouponPush, NewCoupon
from coupons.offers import choose_text
from coupons.rules import CouponTerms, Decision, decide
from coupons.triggers import TRIGGERS, Place, TriggerEvent
from ids import CouponId, MemberId
from kit.database import Connection
from kit.ids import new_id
from programs.opening_hours import is_open
from server.campaigns.judge_audiences import AudienceQuestion, judge_audiences
from server.campaigns.picture_urls import picture_path
from server.campaigns.push_data import StoredPushData
from server.runtime.metrics import COUPONS
from server.runtime.snapshot import Snapshot


class TriggerResult(msgspec.Struct, frozen=True):
    """What each campaign that listens decided (by its id), and the coupons that were issued."""

    decisions: dict[str, Decision]
    coupon_ids: list[CouponId]


class _Candidate(msgspec.Struct, frozen=True):
    """What a campaign would give for an event, if its member is one of those whom it is for."""

    result: TriggerResult
    event: TriggerEvent
    campaign: Campaign
    terms: CouponTerms
    place: Place | None

    @property
    def zone(self) -> tzinfo:
        return self.event.time_zone if self.place is None else self.place.time_zone


async def grant_offers(conn: Connection, snapshot: Snapshot, events: Sequence[TriggerEvent]) -> list[TriggerResult]:
    """Decide every event and issue what is earned, in the caller's transaction. One result each, in order."""
    results = [TriggerResult({}, []) for _ in events]
    candidates: list[_Candidate] = []
    for event, result in zip(events, results, strict=True):
        place = _find_place(snapshot, event)
        if place is None and TRIGGERS[event.trigger].needs_store:  # closed since the fence was matched
            continue
        for campaign in snapshot.campaigns_for(event):
            decision = decide(campaign, event, place)
            if isinstance(decision, CouponTerms):
                candidates.append(_Candidate(result, event, campaign, decision, place))
            else:
                result.decisions[str(campaign.id)] = decision
    wanted = [(each.result, _make_coupon(each)) for each in await _select(conn, candidates)]
    if not wanted:
        return results
    outcomes = await coupons_repository.issue_coupons(conn, [coupon for _, coupon in wanted])
    for result, coupon in wanted:
        result.decisions[str(coupon.campaign_id)] = outcomes[coupon.id]
        if outcomes[coupon.id] == "issued":
            result.coupon_ids.append(coupon.id)
    COUPONS.inc(sum(len(result.coupon_ids) for result in results))
    return results


async def _select(conn: Connection, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those whose member is in the campaign's audience. Nothing is read where no campaign has one."""
    asking = {
        place: AudienceQuestion(
            program_id=each.event.program_id,
            member_id=each.event.member_id,
            audience=each.campaign.audience,
            event_at=each.event.event_at,
            zone=each.zone,
        )
        for place, each in enumerate(candidates)
        if each.campaign.audience is not None
    }
    if not asking:
        return list(candidates)
    refusals = dict(zip(asking, await judge_audiences(conn, list(asking.values())), strict=True))
    selected = []
    for place, each in enumerate(candidates):
        refusal = refusals.get(place)
        if refusal is None:
            selected.append(each)
        else:
            each.result.decisions[str(each.campaign.id)] = refusal
    return selected


def count_coupons(
    deltas: dict[MemberId, FactsDelta], events: Iterable[TriggerEvent], results: Iterable[TriggerResult]
) -> None:
    """Add to what a flow adds to the facts of members, and writes last of all."""
    for event, result in zip(events, results, strict=True):
        if result.coupon_ids:
            deltas.setdefault(event.member_id, FactsDelta()).coupons_issued += len(result.coupon_ids)


def _find_place(snapshot: Snapshot, event: TriggerEvent) -> Place | None:
    store = None if event.store_id is None else snapshot.stores.get(event.store_id)
    if store is None:
        return None
    local = event.event_at.astimezone(store.time_zone)
    return Place(
        store_name=store.name,
        time_zone=store.time_zone,
        day_start_hour=store.day_start_hour,
        is_open=is_open(store.opening_hours, local),
    )


def _make_coupon(candidate: _Candidate) -> NewCoupon:
    campaign, event, terms = candidate.campaign, candidate.event, candidate.terms
    coupon_id, grant = CouponId(new_id()), campaign.grant
    return NewCoupon(
        id=coupon_id,
        member_id=event.member_id,
        program_id=event.program_id,
        campaign_id=campaign.id,
        budgets=budgets_of(campaign, event.store_id, terms.business_day),
        period_key=terms.period_key,
        store_id=event.store_id,
        event_at=event.event_at,
        business_day=terms.business_day,
        issued_at=event.now,
        expires_at=terms.expires_at,
        last_before=terms.last_before,
        push=_make_push(campaign, event, terms, candidate.place, coupon_id),
        benefit_version=None if grant is None else grant.version,
        uses=1 if grant is None else grant.grant.uses,
    )


def _make_push(
    campaign: Campaign, event: TriggerEvent, terms: CouponTerms, place: Place | None, coupon_id: CouponId
) -> CouponPush | None:
    target = event.push_to
    if target is None:
        return None
    text = choose_text(campaign.offer, target.locale, None if place is None else place.store_name)
    push_id = new_id()
    data = StoredPushData(
        type="coupon",
        push_id=push_id,
        coupon_id=coupon_id,
        campaign_id=campaign.id,
        store_id=UNSET if event.store_id is None else event.store_id,
    )
    payload = {
        "title": text.title,
        "body": text.body,
        "locale": target.locale,
        "data": msgspec.to_builtins(data),
        # The app drops a second copy by the coupon's id; the phone's tray does by this.
        "tag": str(coupon_id),
        "image_path": None if campaign.picture_name is None else picture_path(campaign.picture_name),
    }
    return CouponPush(push_id, target.device_id, payload, terms.push_until)

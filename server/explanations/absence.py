"""Why there is no decision at all: what can be said of a campaign, a store and a member without a row. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.decision import KEPT_DAYS
from ids import StoreId
from server.explanations.absence_sentences import Absence


class SeenEvent(msgspec.Struct, frozen=True):
    """Something that is known to have happened: a transition or the evidence of a visit."""

    kind: str
    store_id: StoreId
    event_at: datetime


class StoreFacts(msgspec.Struct, frozen=True):
    store_id: StoreId
    created_at: datetime
    closed_at: datetime | None
    has_geofence: bool


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`last_fix_at`: of the newest position that was taken; None: there is none."""

    state: str
    created_at: datetime
    location_consent: bool
    has_device: bool
    last_fix_at: datetime | None


class StateSpan(msgspec.Struct, frozen=True):
    """In which state the staff had the campaign from when to when; `until` None: they have it so still."""

    state: str
    since: datetime
    until: datetime | None


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known where there is no decision. `store`, `person` None: not asked about, or not to be shown.

    `states`: of the campaign, up to the later moment, the newest first. `seen`: what happened to the person, or at the
    store, between the two moments.
    """

    campaign: Campaign
    states: Sequence[StateSpan]
    now: datetime
    from_at: datetime
    to_at: datetime
    store: StoreFacts | None
    person: PersonFacts | None
    seen: Sequence[SeenEvent]


class FoundAbsence(msgspec.Struct, frozen=True):
    code: Absence
    inputs: Mapping[str, object]


def find_absences(known: Circumstances) -> list[FoundAbsence]:
    """All that stood in the way, what decides most first. Never empty."""
    found = _of_time(known) or [each for look in (_of_campaign, _of_store, _of_person) for each in look(known)]
    return found or _of_events(known)


def _of_time(known: Circumstances) -> list[FoundAbsence]:
    if known.from_at > known.now:
        return [FoundAbsence("in_the_future", {})]
    if known.to_at < known.now - timedelta(days=KEPT_DAYS):
        return [FoundAbsence("not_kept", {})]
    return []


def _of_campaign(known: Circumstances) -> list[FoundAbsence]:
    campaign, found = known.campaign, []
    if campaign.created_at > known.to_at:
        found.append(FoundAbsence("not_written_yet", {"created_at": campaign.created_at}))
    found += _of_states(known)
    if campaign.starts_at > known.to_at:
        found.append(FoundAbsence("before_start", {"starts_at": campaign.starts_at}))
    if campaign.ends_at is not None and campaign.ends_at <= known.from_at:
        found.append(FoundAbsence("after_end", {"ends_at": campaign.ends_at}))
    return found


_OFF: Mapping[str, Absence] = {"draft": "not_started", "paused": "paused", "ended": "ended"}


def _of_states(known: Circumstances) -> list[FoundAbsence]:
    """As it was then: one that is paused now may have run, and one that runs may have been paused."""
    then = [each for each in known.states if each.until is None or each.until > known.from_at]
    off = [each for each in then if each.state in _OFF]
    if not off:
        return []
    if len(off) == len(then):
        return [FoundAbsence(_OFF[off[0].state], {"since": off[0].since})]
    return [
        FoundAbsence("off_for_a_while", {"since": each.since, "until": min(each.until or known.now, known.now)})
        for each in off
    ]


def _of_store(known: Circumstances) -> list[FoundAbsence]:
    campaign, store, found = known.campaign, known.store, []
    if store is None:
        return []
    if campaign.store_ids is not None and store.store_id not in campaign.store_ids:
        found.append(FoundAbsence("other_store", {}))
    if store.closed_at is not None and store.closed_at <= known.to_at:
        found.append(FoundAbsence("store_closed_for_good", {"closed_at": store.closed_at}))
    if store.created_at > known.to_at:
        found.append(FoundAbsence("store_not_open_yet", {"store_created_at": store.created_at}))
    if not store.has_geofence and _is_step(known):
        found.append(FoundAbsence("no_geofence", {}))
    return found


def _of_person(known: Circumstances) -> list[FoundAbsence]:
    person, found = known.person, []
    if person is None:
        return []
    if person.created_at > known.to_at:
        found.append(FoundAbsence("joined_later", {"joined_at": person.created_at}))
    states: Mapping[str, Absence] = {"blocked": "member_blocked", "closed": "member_left"}
    if person.state in states:
        found.append(FoundAbsence(states[person.state], {}))
    if not found and _is_step(known):
        found += _of_location(known, person)
    return found


def _of_location(known: Circumstances, person: PersonFacts) -> list[FoundAbsence]:
    found = []
    if not person.location_consent:
        found.append(FoundAbsence("no_location_consent", {}))
    if not person.has_device:
        found.append(FoundAbsence("no_device", {}))
    if found or known.seen:
        return found
    if person.last_fix_at is None:
        return [FoundAbsence("no_location", {})]
    if person.last_fix_at < known.from_at:
        return [FoundAbsence("no_location_then", {"last_fix_at": person.last_fix_at})]
    return []


def _of_events(known: Circumstances) -> list[FoundAbsence]:
    trigger, campaign = known.campaign.trigger.kind, known.campaign
    here = known.seen
    if campaign.store_ids is not None:
        here = [each for each in here if each.store_id in campaign.store_ids]
    if known.store is not None:
        here = [each for each in here if each.store_id == known.store.store_id]
    kinds = sorted({each.kind for each in here})
    if kinds and trigger not in kinds:
        return [FoundAbsence("something_else_happened", {"seen": ", ".join(kinds), "trigger": trigger})]
    if known.seen and not here:
        return [FoundAbsence("came_elsewhere", {})]
    return [FoundAbsence("nothing_happened", {"trigger": trigger})]


def _is_step(known: Circumstances) -> bool:
    return TRIGGERS[known.campaign.trigger.kind].recorded_with == "transition"

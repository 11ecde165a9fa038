"""What happened to a person that campaigns of one trigger would have decided on: their events, as the flows make them.
Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.occasions import LocalMoment, birthdays_on
from coupons.campaigns.timed_triggers import BirthdayTrigger, Broadcast, Joined, Lapsed, Schedule
from coupons.campaigns.triggers import TRIGGERS, TriggerEvent, TriggerKind, event_of
from coupons.campaigns.visit_counts import VisitCounts
from ids import StoreId
from kit.ids import made_at
from server.rehearsals.history import History, Piece
from server.schedules.calendar_days import day_meant, period_key_of
from visits.trust import TRUST_LEVELS, find_trust_rises, level

# Of other triggers nothing is kept that could be gone through, or nothing happens until the campaign is there.
REHEARSED: frozenset[TriggerKind] = frozenset(
    {"enter", "exit", "dwell", "cross", "visit", "broadcast", "schedule", "birthday", "lapsed", "joined"}
)
_ONE_RUN = "rehearsal"
_A_DAY = timedelta(days=1)
_AT_ONCE = timedelta(seconds=10)


class Window(msgspec.Struct, frozen=True):
    """From one moment to before another; both aware."""

    from_at: datetime
    to_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.from_at <= at < self.to_at

    @property
    def evidence_from(self) -> date:
        """What is evidence of a visit in the window belongs to a business day no earlier than this."""
        return (self.from_at - 2 * _A_DAY).date()


def can_be_rehearsed(campaign: Campaign) -> bool:
    return event_of(campaign.trigger.kind) in REHEARSED


def list_past_events(
    campaign: Campaign, history: History, zone: ZoneInfo | None, window: Window, *, counts_visits: bool
) -> list[TriggerEvent]:
    """In no order. `zone`: by whose clock the person lives, where the trigger has no store. `counts_visits`: some
    campaign asks for a visit's number.
    """
    kind = event_of(campaign.trigger.kind)
    if TRIGGERS[kind].recorded_with == "transition":
        return [_event(campaign, history, kind, event_at=step.event_at, now=step.received_at, store_id=step.store_id,
                       is_first_fix=step.is_first_fix, source_id=step.id) for step in history.steps]  # fmt: skip
    if kind == "visit":
        return list(_visits(campaign, history, window, counts_visits=counts_visits))
    if zone is None or (campaign.store_ids is not None and history.home_store_id not in campaign.store_ids):
        return []  # what is for some stores is for those who are at home there
    return [
        msgspec.structs.replace(
            _event(campaign, history, kind, event_at=at, now=at), time_zone=zone, period_key=period_key
        )
        for at, period_key in _moments(campaign, history, zone, window)
    ]


def _event(campaign: Campaign, history: History, kind: TriggerKind, *, now: datetime, **fields: object) -> TriggerEvent:
    return TriggerEvent(
        trigger=kind,
        member_id=history.member_id,
        program_id=campaign.program_id,
        now=now,
        is_verified=history.verified_at is not None and history.verified_at <= now,
        **fields,  # type: ignore[arg-type]
    )


def _visits(campaign: Campaign, history: History, window: Window, *, counts_visits: bool) -> Iterator[TriggerEvent]:
    """Each piece of evidence that made a visit or raised its trust."""
    of_visit: dict[tuple[StoreId, date], list[Piece]] = defaultdict(list)
    for piece in history.evidence:
        of_visit[piece.store_id, piece.business_day].append(piece)
    risen: list[tuple[Piece, int, int | None]] = []
    for pieces in of_visit.values():
        rises = find_trust_rises(None, [TRUST_LEVELS[piece.trust] for piece in pieces])
        risen += [
            (piece, level(rise.trust), None if rise.former is None else level(rise.former))
            for piece, rise in zip(pieces, rises, strict=True)
            if rise is not None
        ]
    counts = Counter((each.store_id, each.trust) for each in history.visits if each.business_day < window.evidence_from)
    for piece, trust, former in sorted(risen, key=lambda each: each[0].id):
        counts[piece.store_id, trust] += 1
        if former is not None:
            counts[piece.store_id, former] -= 1
        if window.holds(piece.at):
            visits = VisitCounts(dict(counts), history.brought_visits) if counts_visits else None
            yield _event(campaign, history, "visit", event_at=piece.at, now=_recorded_at(piece),
                         store_id=piece.store_id, trust_level=trust, former_trust_level=former, visits=visits,
                         source_id=piece.id)  # fmt: skip


def _recorded_at(piece: Piece) -> datetime:
    """When it was decided on: at once, or when a till or phone without a connection told of it."""
    made = made_at(piece.id)  # a moment after the time that all else was noted with
    return made if made - piece.at > _AT_ONCE else piece.at


def _moments(
    campaign: Campaign, history: History, zone: ZoneInfo, window: Window
) -> Iterator[tuple[datetime, str | None]]:
    """When time came to the person, and for what they earn something once."""
    trigger = campaign.trigger
    if isinstance(trigger, Broadcast | Schedule):  # one run, to all who are there at the end
        yield window.to_at, _ONE_RUN
    elif isinstance(trigger, Joined):
        if window.holds(history.joined_at) and not history.is_imported:
            yield history.joined_at, trigger.kind
    elif isinstance(trigger, BirthdayTrigger | Lapsed):
        at = time.fromisoformat(trigger.at)
        for day in _days(window):
            moment = LocalMoment(datetime.combine(day, at)).in_zone(zone)
            if window.holds(moment) and _is_day_of(trigger, day, history, moment):
                yield moment, period_key_of(trigger, day)


def _days(window: Window) -> Iterator[date]:
    first, last = (window.from_at - _A_DAY).date(), (window.to_at + _A_DAY).date()
    return (first + n * _A_DAY for n in range((last - first).days + 1))


def _is_day_of(trigger: BirthdayTrigger | Lapsed, day: date, history: History, moment: datetime) -> bool:
    meant = day_meant(trigger, day)
    if isinstance(trigger, BirthdayTrigger):
        return (history.birth_month, history.birth_day) in birthdays_on(meant)
    return _may_profile(history, moment) and _last_visit_on(history, moment) == meant


def _last_visit_on(history: History, moment: datetime) -> date | None:
    days = [each.business_day for each in history.visits if each.first_at < moment]
    return max([*days, *([history.brought_last_on] if history.brought_last_on else [])], default=None)


def _may_profile(history: History, moment: datetime) -> bool:
    said = [each.granted for each in history.consents if each.purpose == "profiling" and each.at <= moment]
    return bool(said) and said[-1]


def sort_key(event: TriggerEvent) -> tuple[datetime, datetime, int]:
    """In the order in which they were decided."""
    return event.now.astimezone(UTC), event.event_at, 0 if event.source_id is None else event.source_id.int

"""What the demo has seen so far: steps of the set-up, events, counts and faults. The views read it."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from ids import CouponId
from kit.clock import utc_now

_KEPT_EVENTS = 200


class Event(NamedTuple):
    at: datetime
    who: str
    where: str
    what: str


class Step:
    """A part of the set-up. `total` 0: it has no parts to count."""

    def __init__(self, name: str, total: int) -> None:
        self.name = name
        self.total = total
        self.done = 0
        self.seconds: float | None = None


class Board:
    """`on_step` hears of a finished step, `on_event` of every event, as they come."""

    def __init__(
        self, on_step: Callable[[Step], None] | None = None, on_event: Callable[[Event], None] | None = None
    ) -> None:
        self.steps: list[Step] = []
        self.events: deque[Event] = deque(maxlen=_KEPT_EVENTS)
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.coupon_ids: list[CouponId] = []
        # Of a trace: store, enters, exits.
        self.doors: list[tuple[str, int, int]] = []
        self.base_url: str | None = None
        # What to open in a browser: for whom, and the address.
        self.links: dict[str, str] = {}
        # The code of this half minute, of one member's card.
        self.show_card: Callable[[], str] | None = None
        # What "Authorize" on the page of the API takes: for whom, and the token.
        self.credentials: dict[str, str] = {}
        self.last_change = time.monotonic()
        self._on_step = on_step
        self._on_event = on_event

    @contextmanager
    def step(self, name: str, total: int = 0) -> Iterator[Step]:
        step, started = Step(name, total), time.monotonic()
        self.steps.append(step)
        yield step
        step.seconds = time.monotonic() - started
        if self._on_step:
            self._on_step(step)

    def open_at(self, base_url: str) -> None:
        self.base_url = base_url
        self.tell("demo", "", f"API docs: {base_url}/docs")
        for name, token in self.credentials.items():
            self.tell("demo", "", f"Authorize there as {name}: {token}")

    def show_links(self, links: Mapping[str, str]) -> None:
        """The new ones replace those before: some are good for five minutes only."""
        self.links = dict(links)
        for name, url in links.items():
            self.tell("demo", "", f"{name}: {url}")

    def tell(self, who: str, where: str, what: str) -> None:
        event = Event(utc_now(), who, where, what)
        self.events.append(event)
        if self._on_event:
            self._on_event(event)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] += number
        self.last_change = time.monotonic()

    def fault(self, line: str) -> None:
        """Something that must not happen; the demo ends with it and fails."""
        self.faults.append(line)

"""Who is let in, and for how long a request may take to arrive: what bounds a process before anybody is known.

A connection that sends half a request costs nothing to keep up; without deadlines some hundred of them shut everybody
else out. A request's head has ten seconds and 64 KB, its body a least rate, an answer a longest time to be read. A
process has so many places: where none is left, the connection that has waited longest for the rest of its request makes
room, so that who sends a request at once gets in.
"""

import resource
import time
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from itertools import islice
from typing import Protocol

import msgspec
import structlog

from kit.addresses import caller_network
from kit.throttle import Throttle
from server.runtime.metrics import CALLERS, DOOR_REFUSALS

HEAD_S = 10.0
HEAD_BYTES = 64 * 1024
HEADER_BYTES = 16 * 1024
MOST_HEADERS = 200
# What a body may take, besides: a phone in a lift sends little for a while.
BODY_GRACE_S = 10.0
BODY_BYTES_PER_S = 1000
# Of a body that came too late to matter: the answer has been given.
LINGER_S = 10.0
ANSWER_S = 60.0
# A connection that was answered and asks for nothing more is ended without a word, as everywhere.
UNUSED = "unused"
# Files, the database, the metrics: what is no connection of a caller.
_OTHER_FILES = 256
# With five sweeps a second, two hundred.
_AT_ONCE = 40
# To end one costs less than to refuse it, and in a minute's rush hundreds come and go each second.
_UNUSED_AT_ONCE = 1000
# A connection that has just come is not the one to make room.
_LEAST_AGE_S = 1.0

log = structlog.get_logger()


class Guest(Protocol):
    """A connection, as the door sees it."""

    address: str | None
    waits_since_s: float

    def turn_away(self, reason: str) -> None: ...

    def leave(self) -> None:
        """What is still on its way to it arrives."""

    def find_delay(self, now_s: float) -> str | None:
        """Which deadline has passed."""


class Limits(msgspec.Struct, frozen=True):
    connections: int
    connections_per_address: int
    trusted_networks: tuple[str, ...] = ()  # proxies: they speak for many


class Door:
    """One for all connections of a process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._trusted = [ip_network(each, strict=False) for each in limits.trusted_networks]
        self._of_address: Counter[str] = Counter()
        self._inside = 0
        # Those that we wait for, the longest first; most requests come whole and are never in here.
        self._awaited: dict[Guest, None] = {}
        self._told = Throttle(attempts=1, window_s=60)

    def admit(self, guest: Guest, peer: str | None, now_s: float) -> bool:
        """Whether it may stay; else it was turned away."""
        self._inside += 1
        CALLERS.set(self._inside)
        guest.address = None if peer is None or self._is_trusted(peer) else caller_network(peer)
        if guest.address is not None:
            self._of_address[guest.address] += 1
            if self._of_address[guest.address] > self._limits.connections_per_address:
                self.refuse(guest, "address_full")
                return False
        if self._inside > self._limits.connections and not self._make_room(now_s):
            self.refuse(guest, "full")
            return False
        self.wait_for(guest, now_s)
        return True

    def let_go(self, guest: Guest) -> None:
        self._inside -= 1
        CALLERS.set(self._inside)
        self._awaited.pop(guest, None)
        if guest.address is not None:
            self._of_address[guest.address] -= 1
            if not self._of_address[guest.address]:
                del self._of_address[guest.address]

    def wait_for(self, guest: Guest, now_s: float) -> None:
        """From now on, for what is still to come of its request."""
        guest.waits_since_s = now_s
        self._awaited.pop(guest, None)
        self._awaited[guest] = None

    def stop_waiting_for(self, guest: Guest) -> None:
        self._awaited.pop(guest, None)

    def refuse(self, guest: Guest, reason: str) -> None:
        """Counted each time, and logged once a minute and reason."""
        DOOR_REFUSALS.labels(reason).inc()
        if not self._told.wait_s(reason, time.monotonic()):
            log.warning("door.refused", reason=reason, connections=self._inside)
        guest.turn_away(reason)

    def sweep(self, guests: Iterable[Guest], now_s: float) -> None:
        """Turn away whoever has taken too long, some at a time: thousands that came together would hold the loop."""
        delays = [(guest, delay) for guest in list(guests) if (delay := guest.find_delay(now_s)) is not None]
        for guest, _ in islice((each for each in delays if each[1] == UNUSED), _UNUSED_AT_ONCE):
            guest.leave()
        for guest, delay in islice((each for each in delays if each[1] != UNUSED), _AT_ONCE):
            self.refuse(guest, delay)

    def _make_room(self, now_s: float) -> bool:
        longest = next(iter(self._awaited), None)
        if longest is None or now_s - longest.waits_since_s < _LEAST_AGE_S:
            return False
        self.refuse(longest, "made_room")
        return True

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def raise_file_limit(connections: int) -> int:
    """As many open files as the system grants; how many connections that leaves room for, `connections` at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return connections if soft == resource.RLIM_INFINITY else min(connections, max(1, soft - _OTHER_FILES))

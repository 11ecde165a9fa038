"""How fast pushes may go: token buckets below FCM's quotas, for a project and for each phone. Pure.

https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas: 600,000 messages a minute of a project; 240 a
minute and 5,000 an hour to one device. Ours are a tenth lower, for other processes' clocks are not ours.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

PROJECT_PER_MINUTE = 540_000
DEVICE_PER_MINUTE = 216
DEVICE_PER_HOUR = 4_500
# Of so many phones we know what they got; who is forgotten has long been sent nothing.
DEVICES_KNOWN = 50_000


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds; as many may come at once."""

    count: int
    period_s: float


class Bucket:
    """`now_s`: of any clock that only goes forward."""

    __slots__ = ("_at_s", "_level", "_rate")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate, self._level, self._at_s = rate, float(rate.count), now_s

    def wait_s(self, now_s: float) -> float:
        """Until there is room for one more; 0: now."""
        per_s = self._rate.count / self._rate.period_s
        self._level = min(self._rate.count, self._level + (now_s - self._at_s) * per_s)
        self._at_s = now_s
        return max(0.0, (1 - self._level) / per_s)

    def take(self) -> None:
        self._level -= 1


class Pace:
    """Of one project, in one process. Memory is bounded: the phones that were sent something last are known."""

    def __init__(
        self,
        project: Rate = Rate(PROJECT_PER_MINUTE, 60),
        device: Sequence[Rate] = (Rate(DEVICE_PER_MINUTE, 60), Rate(DEVICE_PER_HOUR, 3600)),
        *,
        known: int = DEVICES_KNOWN,
    ) -> None:
        self._project, self._device, self._known = project, tuple(device), known
        self._of_project: Bucket | None = None
        self._of_devices: OrderedDict[str, list[Bucket]] = OrderedDict()

    def take(self, device: str, now_s: float) -> float:
        """A place for one push to that phone: 0. Where there is none, in how many seconds to ask again."""
        if self._of_project is None:
            self._of_project = Bucket(self._project, now_s)
        buckets = [self._of_project, *self._buckets_of(device, now_s)]
        wait_s = max(bucket.wait_s(now_s) for bucket in buckets)
        if not wait_s:
            for bucket in buckets:
                bucket.take()
        return wait_s

    def _buckets_of(self, device: str, now_s: float) -> list[Bucket]:
        buckets = self._of_devices.get(device)
        if buckets is None:
            buckets = self._of_devices[device] = [Bucket(rate, now_s) for rate in self._device]
            if len(self._of_devices) > self._known:
                self._of_devices.popitem(last=False)
        self._of_devices.move_to_end(device)
        return buckets

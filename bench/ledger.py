"""What was acknowledged, held against what the database holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.client import Run
from bench.posts import Posts
from ids import DeviceId


@dataclass(frozen=True)
class Audit:
    """`held_posts` is the sum of the presences' versions: one swap an accepted post. `wrong_devices` are those with
    another number of swaps than of acknowledged posts, or another newest fix than the newest acknowledged one.
    `lost_posts` were acknowledged and are not held; of what was refused in an outage some may be held all the same."""

    acknowledged_posts: int
    held_posts: int
    wrong_devices: int
    lost_posts: int

    @property
    def is_clean(self) -> bool:
        return self.acknowledged_posts == self.held_posts and self.wrong_devices == 0


class Ledger:
    def __init__(self, devices: Sequence[DeviceId]) -> None:
        self._position_of = {device_id: position for position, device_id in enumerate(devices)}
        self._posts = np.zeros(len(devices), np.int64)
        self._last_at_s = np.zeros(len(devices), np.int64)

    def note(self, posts: Posts, run: Run) -> None:
        accepted = np.array(run.accepted, np.int64)
        np.add.at(self._posts, posts.who[accepted], 1)
        np.maximum.at(self._last_at_s, posts.who[accepted], posts.last_at_s[accepted])

    def audit(self, presences: Iterable[tuple[DeviceId, int, int | None]]) -> Audit:
        """`presences` are device, version and watermark in seconds since the epoch, of every device."""
        versions, watermarks_s = np.zeros_like(self._posts), np.zeros_like(self._last_at_s)
        for device_id, version, watermark_s in presences:
            position = self._position_of[device_id]
            versions[position], watermarks_s[position] = version, watermark_s or 0
        wrong = (versions != self._posts) | (watermarks_s != self._last_at_s)
        lost = np.maximum(self._posts - versions, 0).sum()
        return Audit(int(self._posts.sum()), int(versions.sum()), int(wrong.sum()), int(lost))

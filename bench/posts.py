"""Uploads as bytes, made before the clock starts: a whole HTTP request each, from walkers and their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.answers import Judge, expect_http
from bench.city import Fences, Floats, Integers, Walkers, walk

FIX_INTERVAL_S = 20

_CHUNK = 2_000


@dataclass(frozen=True)
class Posts:
    """`requests[i]` comes from the walker `who[i]` and tells of a fix at each of `lats[i]`, `lons[i]`.

    The last one is of `last_at_s[i]`, in seconds since the epoch.
    """

    requests: Sequence[bytes]
    who: Integers
    lats: Floats
    lons: Floats
    last_at_s: Integers

    @property
    def fixes(self) -> int:
        """How many a post."""
        return len(self.lats[0])

    @property
    def judge(self) -> Judge:
        """Hopes for the answer that all fixes of a post were accepted."""
        return expect_http(b'{"accepted":%d,' % self.fixes)


class Phones:
    """All walkers' phones. Posts come from one after another in a random order, so that hardly one is in flight twice.

    Each phone's clock runs 20 s a fix from `start_s`: whatever was posted before, the next post is newer.
    """

    def __init__(
        self, walkers: Walkers, fences: Fences, tokens: Sequence[str], start_s: int, rng: np.random.Generator
    ) -> None:
        self._walkers, self._fences, self._rng = walkers, fences, rng
        self._heads = [_head(token) for token in tokens]
        self._order = rng.permutation(len(tokens))
        self._turn = 0
        self._now_s = np.full(len(tokens), start_s, np.int64)

    def write_posts(self, count: int, fixes: int) -> Posts:
        requests: list[bytes] = []
        moves: list[tuple[Integers, Floats, Floats, Integers]] = []
        while len(requests) < count:
            chosen = self._next_walkers(min(_CHUNK, count - len(requests)))
            at_s = self._now_s[chosen][:, None] + FIX_INTERVAL_S * np.arange(1, fixes + 1)
            self._now_s[chosen] = at_s[:, -1]
            lats, lons = walk(self._walkers, self._fences, chosen, fixes, self._rng)
            requests += self._write(chosen, lats, lons, at_s)
            moves.append((chosen, lats, lons, at_s[:, -1]))
        who, all_lats, all_lons, last_at_s = (np.concatenate(column) for column in zip(*moves, strict=True))
        return Posts(requests, who, all_lats, all_lons, last_at_s)

    def _next_walkers(self, count: int) -> Integers:
        chosen: Integers = self._order[self._turn : self._turn + count]
        self._turn = (self._turn + len(chosen)) % len(self._order)
        return chosen

    def _write(self, chosen: Integers, lats: Floats, lons: Floats, at_s: Integers) -> list[bytes]:
        fixes = at_s.shape[1]
        accuracies_m = self._rng.uniform(5, 30, lats.size)
        times = np.datetime_as_string(at_s.ravel().astype("datetime64[s]"))
        written = [
            f'{{"lat":{lat:.6f},"lon":{lon:.6f},"accuracy_m":{accuracy_m:.1f},"recorded_at":"{at}Z"}}'
            for lat, lon, accuracy_m, at in zip(
                lats.ravel().tolist(), lons.ravel().tolist(), accuracies_m.tolist(), times.tolist(), strict=True
            )
        ]
        return [
            _request(self._heads[phone], written[row * fixes : (row + 1) * fixes])
            for row, phone in enumerate(chosen.tolist())
        ]


def _head(token: str) -> bytes:
    lines = (
        "POST /v1/locations HTTP/1.1",
        "host: localhost",
        f"authorization: Bearer {token}",
        "content-type: application/json",
        "content-length: ",
    )
    return "\r\n".join(lines).encode()


def _request(head: bytes, fixes: Sequence[str]) -> bytes:
    body = ('{"fixes":[' + ",".join(fixes) + "]}").encode()
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)

"""From runs to figures: medians over the rounds with their spread, ratios round by round, a table and an object."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from bench.client import Run
from bench.contenders import CEILING, CONTENDERS, DECODE_ONLY, LOCATE, NAIVE, Contender

# A figure nearer than this to the generator's own ceiling says as much about the generator.
CEILING_MARGIN = 1.3


@dataclass(frozen=True)
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def over(cls, values: Iterable[float]) -> "Spread":
        listed = list(values)
        return cls(median(listed), min(listed), max(listed))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)}-{_short(self.most)})"


@dataclass(frozen=True)
class Measurement:
    """`other_cpus` is how many CPUs others kept busy just before, `load_cpus` how many the load took during the run."""

    run: Run
    server_cpu_s: float
    other_cpus: float
    load_cpus: float

    @property
    def cpu_us_per_post(self) -> float:
        return self.server_cpu_s / len(self.run.latencies_s) * 1e6


class Figures:
    """`sizes` are the numbers of fixes a post that were measured."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self.sizes = sizes
        self._measured: dict[tuple[Contender, int], list[Measurement]] = {(c, n): [] for c in CONTENDERS for n in sizes}

    def add(self, contender: Contender, fixes: int, measurement: Measurement) -> None:
        self._measured[contender, fixes].append(measurement)

    def refusals(self) -> list[bytes]:
        return [answer for measured in self._measured.values() for each in measured for answer in each.run.refused]

    def rate(self, contender: Contender, fixes: int) -> Spread:
        return self._over(contender, fixes, lambda each: each.run.posts_per_s)

    def latency_ms(self, contender: Contender, fixes: int, share: float) -> Spread:
        return self._over(contender, fixes, lambda each: each.run.latency_ms(share))

    def ratio(self, contender: Contender, fixes: int) -> Spread:
        """Noren's posts/s over the contender's, each round by itself: what slows the machine slows both."""
        ours, theirs = self._measured[LOCATE, fixes], self._measured[contender, fixes]
        return Spread.over(a.run.posts_per_s / b.run.posts_per_s for a, b in zip(ours, theirs, strict=True))

    def cpu_us_per_post(self, contender: Contender, fixes: int) -> Spread:
        """Of the server's process: what is left of a figure when others take the machine from us."""
        return self._over(contender, fixes, lambda each: each.cpu_us_per_post)

    def other_cpus(self) -> Spread:
        return Spread.over(each.other_cpus for measured in self._measured.values() for each in measured)

    def near_ceiling(self) -> list[str]:
        return [
            f"{contender.name} with {fixes} fix{'es' if fixes > 1 else ''} a post"
            for contender, fixes in self._measured
            if contender is not CEILING
            and self.rate(contender, fixes).median * CEILING_MARGIN >= self.rate(CEILING, fixes).median
        ]

    def table(self) -> list[str]:
        lines = [f"{'':<13}{'fixes':>5}  {'posts/s':<27}{'p50 ms':<21}{'p99 ms':<21}{'server CPU us/post'}"]
        for contender, fixes in sorted(self._measured, key=lambda key: key[1]):
            rate = self.rate(contender, fixes)
            p50, p99 = self.latency_ms(contender, fixes, 0.5), self.latency_ms(contender, fixes, 0.99)
            cpu_us = self.cpu_us_per_post(contender, fixes)
            lines.append(f"{contender.name:<13}{fixes:>5}  {rate!s:<27}{p50!s:<21}{p99!s:<21}{cpu_us}")
        most = self.sizes[-1]
        lines.append(f"locate, {most} a post: {self.rate(LOCATE, most).median * most:,.0f} fixes/s")
        lines += [
            f"locate / {other.name}, {fixes} a post: {self.ratio(other, fixes)}"
            for other in (DECODE_ONLY, NAIVE)
            for fixes in self.sizes
        ]
        return lines

    def as_json(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for contender, fixes in self._measured:
            name = f"{contender.name}_{fixes}" if contender is not CEILING else f"generator_ceiling_{fixes}"
            rate = self.rate(contender, fixes)
            found |= {f"{name}_rps": rate.median, f"{name}_rps_min": rate.least, f"{name}_rps_max": rate.most}
            found[f"{name}_fixes_per_s"] = rate.median * fixes
            found[f"{name}_p50_ms"] = self.latency_ms(contender, fixes, 0.5).median
            found[f"{name}_p99_ms"] = self.latency_ms(contender, fixes, 0.99).median
            found[f"{name}_cpu_us"] = self.cpu_us_per_post(contender, fixes).median
        for other in (DECODE_ONLY, NAIVE):
            for fixes in self.sizes:
                found[f"ratio_{other.name}_{fixes}fix"] = self.ratio(other, fixes).median
        found["other_cpus"] = self.other_cpus().median
        found["generator_ceiling_rps"] = self.rate(CEILING, self.sizes[0]).median
        return {name: float(f"{value:.4g}") for name, value in found.items()}

    def _over(self, contender: Contender, fixes: int, value: Callable[[Measurement], float]) -> Spread:
        return Spread.over(value(each) for each in self._measured[contender, fixes])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

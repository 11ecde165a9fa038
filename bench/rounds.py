"""The rounds of `./run bench geo`: each measures everything once, beginning with another contender."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.answers import BrokenLoad
from bench.contenders import DECODE_ONLY, LOCATE, NAIVE, Contender
from bench.gauge import Gauge
from bench.inside import measure_inside
from bench.sheet import Sheet
from bench.tile38 import Tile38

LONG_POST = 100
ONE_FIX_CONTENDERS = (LOCATE, DECODE_ONLY, NAIVE)


@dataclass(frozen=True)
class Round:
    number: int
    seconds: float
    sheet: Sheet

    async def measure_short_posts(self, gauge: Gauge) -> None:
        """One fix a post: what is taken beside the others, then how long answers take at half of it."""
        first = self.number % len(ONE_FIX_CONTENDERS)
        rates: dict[Contender, float] = {}
        for contender in ONE_FIX_CONTENDERS[first:] + ONE_FIX_CONTENDERS[:first]:
            run = self.sheet.take(await gauge.saturate(contender, 1, self.seconds))
            rates[contender] = run.posts_per_s
            self.sheet.add(f"{contender.name}_posts_per_s_1", run.posts_per_s)
        self.sheet.add("ratio_decode_only_1fix", rates[LOCATE] / rates[DECODE_ONLY])
        self.sheet.add("ratio_naive_1fix", rates[LOCATE] / rates[NAIVE])
        run = self.sheet.take(await gauge.pace_locate(rates[LOCATE] / 2, self.seconds))
        self.sheet.add("p99_ms_half_load", run.latency_ms(0.99))
        self.sheet.add("p50_ms_half_load", run.latency_ms(0.5))
        self.sheet.add("sent_late_p99_ms_half_load", run.lag_ms(0.99))

    async def measure_long_posts(self, gauge: Gauge, tile38: Tile38 | None) -> None:
        """A hundred fixes a post, and the same moves for Tile38."""
        posts = gauge.write_posts(LONG_POST, self.seconds)
        rates: dict[str, float] = {}
        names = ["ours", "tile38"] if self.number % 2 == 0 else ["tile38", "ours"]
        for name in names:
            if name == "ours":
                run = self.sheet.take(await gauge.saturate_locate(posts, self.seconds))
            elif tile38 is not None:
                run, events = await tile38.saturate(posts, self.seconds)
                if events == 0:
                    raise BrokenLoad("Tile38 told of no door")
                self.sheet.refused += run.refused
                self.sheet.add("tile38_events_per_fix", events / (len(run.accepted) * LONG_POST))
            else:
                continue
            rates[name] = run.posts_per_s * LONG_POST
        self.sheet.add("fixes_per_s_100", rates["ours"])
        if tile38 is not None:
            self.sheet.add("tile38_fixes_per_s_100", rates["tile38"])
            self.sheet.add("ratio_tile38", rates["ours"] / rates["tile38"])

    async def measure_inside(self, dsn: str, fences: int, seed: int) -> None:
        """Loading and matching, in a process of their own."""
        measured = await measure_inside(dsn, fences, seed, self.seconds)
        self.sheet.add("load_s", measured["load_s"])
        self.sheet.add("load_mb", measured["load_mb"])
        self.sheet.add("matcher_points_per_s", measured["points_per_s_100"])
        self.sheet.add("matcher_points_per_s_in_1fix_uploads", measured["points_per_s_1"])

    async def compare_counts(self, gauges: Mapping[int, Gauge]) -> None:
        """A hundred fixes a post in two towns, the one with the most fences beside the one with the fewest."""
        rates: dict[int, float] = {}
        for fences in sorted(gauges, reverse=self.number % 2 == 1):
            posts = gauges[fences].write_posts(LONG_POST, self.seconds)
            run = self.sheet.take(await gauges[fences].saturate_locate(posts, self.seconds))
            rates[fences] = run.posts_per_s
            self.sheet.add(f"fixes_per_s_100_with_{fences}_fences", run.posts_per_s * LONG_POST)
            self.sheet.add(f"server_mb_with_{fences}_fences", gauges[fences].resident_mb())
        self.sheet.add("ratio_million_fences", rates[max(rates)] / rates[min(rates)])

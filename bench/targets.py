"""What `./run bench geo` and `scan` are held against: figures with a target, and how samples meet them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Spread

Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Target:
    """`bound` is the least or the most that the median may be."""

    name: str
    meaning: str
    bound: float
    is_most: bool = False

    def is_met(self, median: float) -> bool:
        return median <= self.bound if self.is_most else median >= self.bound

    def wording(self) -> str:
        return f"{'<=' if self.is_most else '>='} {self.bound:,g}"


TARGETS = (
    Target("fixes_per_s_100", "100-fix posts: fixes/s", 100_000),
    Target("ratio_tile38", "  beside Tile38", 3),
    Target("ratio_decode_only_1fix", "1-fix posts beside decode_only", 0.7),
    Target("ratio_naive_1fix", "1-fix posts beside naive", 8),
    Target("p99_ms_half_load", "p99 ms at half of that load", 25, is_most=True),
    Target("matcher_points_per_s", "matcher: points/s on one core", 1_000_000),
    Target("ratio_million_fences", "100-fix posts, most fences beside fewest", 0.7),
    Target("load_s", "load and index the fences: s", 1.5, is_most=True),
    Target("load_mb", "  MB more resident", 200, is_most=True),
)


FACES_TARGETS = (
    Target("card_cold_ms", "card: from an empty cache to its code, ms", 2_500, is_most=True),
    Target("card_offline_ms", "card: without a line to its code, ms", 1_000, is_most=True),
    Target("till_verify_ms", "till: camera frame to verdict, ms", 400, is_most=True),
    Target("console_first_kb", "console: first page on the wire, kB", 150, is_most=True),
    Target("list_page_ms_p99", "console: page of a list, p99 ms", 60, is_most=True),
    Target("map_tile_ms_p99", "map: a tile, p99 ms", 50, is_most=True),
    Target("map_tile_kb", "map: the heaviest tile, kB gzipped", 100, is_most=True),
    Target("map_first_idle_ms", "map: until it stands still, ms", 3_000, is_most=True),
    Target("map_script_ms_per_frame", "map: script a frame, ms", 8, is_most=True),
)

SCAN_TARGETS = (
    Target("ratio_decode_only", "scans/s beside decode_only", 0.5),
    Target("offline_verify_ms_p99", "a code judged without a line: p99 ms", 1, is_most=True),
    Target("pkpass_ms_p50", "an Apple Wallet pass built: p50 ms", 5, is_most=True),
    Target("home_ms_p99", "home screen in the database: p99 ms", 5, is_most=True),
)


AUDIENCE_TARGETS = (
    Target("count_p99_ms", "an ordinary audience counted: p99 ms", 300, is_most=True),
    Target("search_p99_ms", "a member searched for: p99 ms", 50, is_most=True),
)


def tabulate(samples: Samples, targets: Sequence[Target] = TARGETS) -> list[str]:
    """A line a target: median (least-most), the target, and how it stands."""
    lines = [f"{'figure':<42}{'measured':<32}{'target':<14}"]
    for target in targets:
        spread = Spread.over(samples[target.name]) if samples.get(target.name) else None
        verdict = "not measured" if spread is None else "met" if target.is_met(spread.median) else "missed"
        lines.append(f"{target.meaning:<42}{'' if spread is None else str(spread):<32}{target.wording():<14}{verdict}")
    return lines


def tabulate_rest(samples: Samples, targets: Sequence[Target] = TARGETS) -> list[str]:
    """What has no target: the parts of the ratios and what tells how far to trust them."""
    known = {target.name for target in targets}
    return [f"{name:<42}{Spread.over(values)}" for name, values in samples.items() if name not in known]


def medians(samples: Samples) -> dict[str, float | None]:
    """Of the figures with a target; None for what was not measured."""
    return {target.name: median_of(samples, target.name) for target in TARGETS}


def median_of(samples: Samples, name: str) -> float | None:
    """To four digits; None for what was not measured."""
    return float(f"{Spread.over(samples[name]).median:.4g}") if samples.get(name) else None

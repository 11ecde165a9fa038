"""What this checkout is held to beside another one. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.targets import Samples, Target


@dataclass(frozen=True)
class Comparison:
    """`part` and `sample` say what is compared; `is_ratio`: ours by theirs, else ours alone."""

    target: Target
    part: str
    sample: str
    is_ratio: bool = True


def _most(name: str, meaning: str, bound: float) -> Target:
    return Target(name, meaning, bound, is_most=True)


# Parts that load a million fences are told apart from those of the same name with fewer.
MILLION = "million"

COMPARISONS = (
    Comparison(Target("fixes_per_s_100_ratio", "100-fix posts: fixes/s", 2.2), "long", "fixes_per_s_100"),
    Comparison(_most("cpu_per_post_100_ratio", "  server CPU a post", 0.45), "long", "server_cpu_us"),
    Comparison(_most("database_cpu_per_post_100_ratio", "  PostgreSQL's CPU a post", 1.0), "long", "database_cpu_us"),
    Comparison(Target("ratio_tile38", "  beside Tile38", 2.2), "long", "ratio_tile38", is_ratio=False),
    Comparison(Target("posts_per_s_1_ratio", "1-fix posts: posts/s", 1.3), "short", "locate_posts_per_s_1"),
    Comparison(_most("cpu_per_post_1_ratio", "  server CPU a post", 0.77), "short", "server_cpu_us"),
    Comparison(_most("database_cpu_per_post_1_ratio", "  PostgreSQL's CPU a post", 1.0), "short", "database_cpu_us"),
    Comparison(
        Target("ratio_decode_only_1fix", "  beside decode_only", 1.0), "short", "ratio_decode_only_1fix", is_ratio=False
    ),
    Comparison(_most("p99_ms_half_load", "  p99 ms at half of it", 15), "short", "p99_ms_half_load", is_ratio=False),
    Comparison(Target("matcher_ratio", "matcher: points/s, 100-fix uploads", 3), "inside", "matcher_points_per_s"),
    Comparison(
        Target("matcher_1fix_ratio", "matcher: points/s, 1-fix uploads", 1.8),
        "inside",
        "matcher_points_per_s_in_1fix_uploads",
    ),
    Comparison(_most("million_memory_ratio", "1,000,000 fences: resident", 0.3), MILLION, "load_mb"),
    Comparison(_most("million_peak_ratio", "  at the peak of the load", 0.5), MILLION, "peak_mb"),
    Comparison(_most("million_load_ratio", "  until ready", 0.5), MILLION, "load_s"),
    Comparison(_most("stall_own_ms", "longest stall at 80 edits/s: own ms", 8), "edits", "own_ms", is_ratio=False),
    Comparison(
        _most("campaigns_500_cpu_ratio", "500 running campaigns: CPU a 1-fix post", 1.3),
        "campaigns",
        "cpu_ratio",
        is_ratio=False,
    ),
    Comparison(Target("scans_ratio", "scans/s", 1.6), "scan", "scans_per_s"),
    Comparison(_most("scan_cpu_ratio", "  server CPU a scan", 0.62), "scan", "server_cpu_us"),
    Comparison(_most("scan_db_cpu_ratio", "  PostgreSQL's CPU a scan", 0.6), "scan", "database_cpu_us"),
    Comparison(_most("scan_wal_ratio", "  bytes of write-ahead log a scan", 0.8), "scan", "wal_bytes"),
)

TARGETS = tuple(comparison.target for comparison in COMPARISONS)


@dataclass(frozen=True)
class Pair:
    """One round of each, neighbours in time."""

    part: str
    ours: Mapping[str, float]
    theirs: Mapping[str, float]


def compare(pairs: Sequence[Pair]) -> Samples:
    """By figure, a value a pair; none for a figure that was not measured."""
    samples: dict[str, list[float]] = {}
    for comparison in COMPARISONS:
        values = list(_values(comparison, (pair for pair in pairs if pair.part == comparison.part)))
        if values:
            samples[comparison.target.name] = values
    return samples


def _values(comparison: Comparison, pairs: Iterable[Pair]) -> Iterable[float]:
    for pair in pairs:
        ours, theirs = pair.ours.get(comparison.sample), pair.theirs.get(comparison.sample)
        if ours is not None and not comparison.is_ratio:
            yield ours
        elif ours is not None and theirs:
            yield ours / theirs


def both_sides(pairs: Sequence[Pair]) -> Samples:
    """What the ratios are made of: `ours`, then `theirs`."""
    samples: dict[str, list[float]] = {}
    for comparison in COMPARISONS:
        for pair in pairs:
            if pair.part == comparison.part and comparison.is_ratio:
                for name, side in (("ours", pair.ours), ("theirs", pair.theirs)):
                    if comparison.sample in side:
                        samples.setdefault(f"{pair.part}: {comparison.sample}, {name}", []).append(
                            side[comparison.sample]
                        )
    return samples

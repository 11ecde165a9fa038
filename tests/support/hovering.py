"""Walkers who hover at a fence's edge: where the rules of leaving decide, and where random places seldom lie."""

from hypothesis import strategies as st

# A fence of 50 m ends 50 m east, one of 150 m at 120 m ends 270 m east.
EDGES_M = (50.0, 270.0)

# Metres outside the edge: on the doorstep up to the margin of 25 m (or 10 m), clear of the fence from 100 m on.
_AWAY_M = st.sampled_from([-45.0, 2.0, 8.0, 12.0, 24.0, 26.0, 30.0, 50.0, 80.0, 110.0, 150.0])
_ACCURACIES_M = st.sampled_from([10.0, 10.0, 10.0, None, 24.0, 26.0, 60.0])

Place = tuple[float, float | None]


@st.composite
def hoverings(draw: st.DrawFn) -> list[Place]:
    """Metres east and accuracies, one after another; the first is inside."""
    edge_m = draw(st.sampled_from(EDGES_M))
    steps = draw(st.lists(st.tuples(_AWAY_M, _ACCURACIES_M), min_size=4, max_size=12))
    return [(edge_m - 45.0, 10.0), *((edge_m + away_m, accuracy_m) for away_m, accuracy_m in steps)]

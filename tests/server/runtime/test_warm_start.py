"""Whoever sends the first fix waits for no compiler: all machine code is ready when a process begins to serve."""

import random
import sys
from datetime import timedelta

from numba.core import event

from geo.fix import Fix
from geo.presence import Presence
from geo.upload import Upload
from geo.uploads import apply_uploads
from kit.database import Pool
from server.runtime.snapshot_keeper import SnapshotKeeper
from tests.support.batch_tracks import draw_fixes
from tests.support.edited_chains import NOW, open_chain


async def test_what_comes_from_the_database_is_of_the_kinds_that_are_compiled(pool: Pool) -> None:
    """Fences that were loaded, some under changes; uploads of one fix and of many, plain and not."""
    chance, chain = random.Random(1), await open_chain(pool)
    drawn = [await chain.draw(f"{number}", 35.0 + number / 1000) for number in range(6)]
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    ready = _count_compiled()
    await chain.redraw(drawn[0], "moved", tells=True)
    await keeper.refresh()
    assert keeper.current.fences.overlay_size
    many = [draw_fixes(chance, 35.0, 139.0, turn * 1000.0, drawn) for turn in range(40)]
    tracks = [fixes[: chance.choice([1, 100])] for fixes in many]
    tracks.append([Fix(35.0 + north, 139.0, 5.0, NOW + timedelta(hours=24 + north)) for north in (0.001, 0.1, 0.2)])
    presence = Presence.nowhere()
    with event.install_recorder("numba:compile") as compiled:
        for turn, fixes in enumerate(tracks):
            upload = Upload(
                program_id=chain.program_id,
                presence=presence,
                fixes=fixes,
                received_at=NOW + timedelta(days=30),
                crossable=keeper.current.crossable_of(chain.program_id),
                minutes_of=(lambda _: (1, 5)) if turn % 2 else None,
            )
            presence = apply_uploads(keeper.current.fences, [upload])[0].presence
    assert not compiled.buffer
    assert _count_compiled() == ready


def _count_compiled() -> dict[str, int]:
    """How many versions there are of each function that is compiled."""
    return {
        f"{name}.{each}": len(function.signatures)
        for name, module in [*sys.modules.items()]
        if name.startswith("geo.")
        for each, function in vars(module).items()
        if hasattr(function, "signatures")
    }

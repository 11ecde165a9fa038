"""How long the server takes for a page of a list, one request at a time, in a chain at size."""

import time
from collections.abc import Sequence

from bench.answers import BrokenLoad
from bench.faces.ground import Ground
from bench.home import share_of
from bench.searches import draw_texts
from bench.sheet import Sheet

_NAMES_A_KIND = 4


async def measure_lists(ground: Ground, sheet: Sheet) -> None:
    """Milliseconds until the answer is whole, seen from beside the server. Raises BrokenLoad."""
    paths = await _draw_paths(ground)
    times_ms: list[float] = []
    async with ground.open_console() as http:
        await http.get(paths[0], headers={"Accept-Encoding": "gzip"})
        cpu_before_s = ground.served.cpu_s()
        for path in paths:
            began_s = time.perf_counter()
            answer = await http.get(path)
            times_ms.append((time.perf_counter() - began_s) * 1000)
            if answer.status_code != 200:
                raise BrokenLoad(f"{path} was answered with {answer.status_code}")
        sheet.add("list_page_cpu_ms", (ground.served.cpu_s() - cpu_before_s) * 1000 / len(paths))
    sheet.add("list_page_ms_p50", share_of(times_ms, 0.5))
    sheet.add("list_page_ms_p99", share_of(times_ms, 0.99))


async def _draw_paths(ground: Ground) -> Sequence[str]:
    texts = await draw_texts(ground.chain.connection, ground.chain, _NAMES_A_KIND)
    searches = [f"/console/members?text={text}" for of_kind in texts.values() for text in of_kind]
    return [*searches, *["/console/stores", "/console/campaigns"] * 20]

"""How long the server takes for a page of a list, one request at a time, in a chain at size."""

import re
import time
from collections.abc import Sequence

import httpx

from bench.answers import BrokenLoad
from bench.faces.ground import Ground
from bench.home import share_of
from bench.searches import draw_texts
from bench.sheet import Sheet

_NAMES_A_KIND = 4
_MEMBERS = "/console/members"
_LISTS = (_MEMBERS, "/console/stores") * 10
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


async def measure_lists(ground: Ground, sheet: Sheet) -> None:
    """Milliseconds until the answer is whole, seen from beside the server. Raises BrokenLoad."""
    texts = await draw_texts(ground.chain.connection, ground.chain, _NAMES_A_KIND)
    async with ground.open_console() as http:
        paths = [*await _search(http, [text for of_kind in texts.values() for text in of_kind]), *_LISTS]
        cpu_before_s, times_ms = ground.served.cpu_s(), []
        for path in paths:
            began_s = time.perf_counter()
            await _get(http, path)
            times_ms.append((time.perf_counter() - began_s) * 1000)
        sheet.add("list_page_cpu_ms", (ground.served.cpu_s() - cpu_before_s) * 1000 / len(paths))
    sheet.add("list_page_ms_p50", share_of(times_ms, 0.5))
    sheet.add("list_page_ms_p99", share_of(times_ms, 0.99))


async def _search(http: httpx.AsyncClient, texts: Sequence[str]) -> list[str]:
    """The addresses of their results. A search is a form, since its text tells of a person."""
    shown = _TOKEN.search(await _get(http, _MEMBERS))
    if shown is None:
        raise BrokenLoad("the list of members has no form")
    found = []
    for text in texts:
        form = {"csrf": shown[1], "text": text}
        answer = await http.post(f"{_MEMBERS}/search", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        if answer.status_code != 303:
            raise BrokenLoad(f"a search was answered with {answer.status_code}")
        found.append(answer.headers["location"])
    return found


async def _get(http: httpx.AsyncClient, path: str) -> str:
    answer = await http.get(path)
    if answer.status_code != 200:
        raise BrokenLoad(f"{path.partition('?')[0]} was answered with {answer.status_code}")
    return answer.text

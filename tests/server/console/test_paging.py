"""Every list of the console, where it has more rows than a page: on to the older ones, and back."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from kit import pages
from kit.ids import to_text
from kit.locales import LOCALES
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as
from tests.support.stage import set_stage

LISTS = (
    "/console/stores",
    "/console/posters",
    "/console/map",
    "/console/campaigns",
    "/console/audiences",
    "/console/results",
    "/console/members",
    "/console/tills",
    "/console/staff",
    "/console/audit",
    "/console/dead-letters",
)
TABS = ("visits", "points", "coupons", "messages")


def say_there_is_more(rows: Sequence[Any], asked: pages.PageRequest, key: Callable[[Any], UUID]) -> pages.Page[Any]:
    page = pages.make_page(rows, asked, key)
    return pages.Page(page.items, page.next_cursor or to_text(UUID(int=1).bytes))


def shorten_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """No list ends: a long one would take thousands of rows."""
    for name, module in list(sys.modules.items()):
        if name.startswith("server.") and getattr(module, "make_page", None) is pages.make_page:
            monkeypatch.setattr(module, "make_page", say_there_is_more)


async def test_every_list_leads_to_its_older_rows_and_back(faces: ServedFaces, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_stage(await faces.world.add_chain())
    owner = await sign_in_as(faces, stage.chain, "owner")
    shorten_pages(monkeypatch)
    for first in (*LISTS, *(f"/console/members/{stage.member.id}/{tab}" for tab in TABS)):
        for language in LOCALES:
            page = await owner.open(first, language)
            assert page.status_code == 200, first
            (turning,) = re.findall(r'<nav class="pages".*?</nav>', page.text, re.DOTALL)
            (older,) = re.findall(r'href="([^"]+)"', turning)
            rest = await owner.open(older.replace("&amp;", "&"), language)
            assert rest.status_code == 200, older
            (turning,) = re.findall(r'<nav class="pages".*?</nav>', rest.text, re.DOTALL)
            back = re.findall(r'href="([^"]+)"', turning)[0]
            assert "cursor=" not in back, first
            assert (await owner.open(back, language)).status_code == 200

"""The system's Chromium, driven by a test or a bench."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from devtools import chromium
from devtools.apt import SetupError

if TYPE_CHECKING:
    from playwright.async_api import Browser


@asynccontextmanager
async def open_browser(*flags: str, is_shell_enough: bool = False) -> AsyncIterator["Browser"]:
    """`is_shell_enough`: for whoever needs no notifications (devtools/chromium.py). Raises SetupError without one."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - it takes as long as ten tests, for a few

    found = chromium.find_shell() if is_shell_enough else chromium.find()
    if found is None:
        raise SetupError(f"there is no Chromium here: install one, or name it in {chromium.SETTING}")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=found, args=flags)
        try:
            yield opened
        finally:
            await opened.close()

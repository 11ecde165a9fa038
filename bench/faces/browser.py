"""A Chromium that is as slow as somebody's old phone on a train: its CPU four times, 1.6 Mbit/s, 150 ms away.

What the throttling reaches: the page's own thread (CPU) and what the page itself asks of the network. A service worker
and other workers run at full speed, and what a service worker fetches is not slowed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page

_CPU_SLOWDOWN = 4
_BITS_PER_S, _LATENCY_MS = 1_600_000, 150
_PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def open_phone(browser: "Browser") -> AsyncIterator["BrowserContext"]:
    """Somebody's, with nothing kept yet."""
    context = await browser.new_context(
        viewport=_PHONE,  # type: ignore[arg-type]
        device_scale_factor=2,
        locale="ja",
        reduced_motion="reduce",
    )
    context.set_default_timeout(120_000)
    try:
        yield context
    finally:
        await context.close()


async def slow_down(page: "Page", *, network: bool = True) -> "CDPSession":
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": _CPU_SLOWDOWN})
    if network:
        await session.send("Network.enable")
        await session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": _LATENCY_MS,
                "downloadThroughput": _BITS_PER_S / 8,
                "uploadThroughput": _BITS_PER_S / 8,
            },
        )
    return session


async def elapsed_ms(page: "Page") -> float:
    """Since the page's navigation began."""
    return float(await page.evaluate("performance.now()"))

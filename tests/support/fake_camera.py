"""A camera that shows what a test draws: Chromium plays a file in its place, which may be written anew meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import segno

from devtools import chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser

WIDTH, HEIGHT, FRAMES = 640, 480, 2
_GREY = 128
_PIXELS_A_MODULE = 6


def show(camera: Path, text: str | None) -> None:
    """Of one size always, so that it can be written in place. None: an empty counter."""
    luma = bytearray([200]) * (WIDTH * HEIGHT)
    if text is not None:
        rows = [list(row) for row in segno.make_qr(text, error="m").matrix]
        left, top = (WIDTH - len(rows) * _PIXELS_A_MODULE) // 2, (HEIGHT - len(rows) * _PIXELS_A_MODULE) // 2
        for y in range(len(rows) * _PIXELS_A_MODULE):
            row = rows[y // _PIXELS_A_MODULE]
            line = b"".join((b"\x10" if dark else b"\xeb") * _PIXELS_A_MODULE for dark in row)
            start = (top + y) * WIDTH + left
            luma[start : start + len(line)] = line
    frame = b"FRAME\n" + bytes(luma) + bytes([_GREY]) * (WIDTH * HEIGHT // 2)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    with camera.open("r+b" if camera.exists() else "wb") as written:
        written.write(header + frame * FRAMES)


@asynccontextmanager
async def open_browser_with(camera: Path) -> AsyncIterator["Browser"]:
    from playwright.async_api import async_playwright  # noqa: PLC0415 - it takes as long as ten tests, for a few

    show(camera, None)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-gpu"]
    async with async_playwright() as playwright:
        path = chromium.find()
        opened = await playwright.chromium.launch(
            executable_path=path, args=[*flags, f"--use-file-for-fake-video-capture={camera}"]
        )
        yield opened
        await opened.close()

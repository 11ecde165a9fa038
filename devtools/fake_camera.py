"""A camera that shows what a test or a bench holds before it: Chromium plays a file, written anew meanwhile."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import segno
from PIL import Image

from devtools.browsing import open_browser

if TYPE_CHECKING:
    from playwright.async_api import Browser

_WIDTH, _HEIGHT, _FRAMES, _EDGE = 640, 480, 2, 20
_COUNTER = 200
# YUV4MPEG2 (mjpegtools, yuv4mpeg(5)): frames of brightness, each with two quarter planes of colour, here none.
_HEADER = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
_NO_COLOUR = bytes([128]) * (_WIDTH * _HEIGHT // 2)
_PIXELS_A_MODULE = 6


def show(camera: Path, text: str | None) -> None:
    """A QR code of it. None: an empty counter."""
    if text is None:
        _write(camera, None)
        return
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="png", scale=_PIXELS_A_MODULE)
    show_picture(camera, drawn.getvalue())


def show_picture(camera: Path, png: bytes) -> None:
    """Such as a screenshot of a phone."""
    held = Image.open(io.BytesIO(png)).convert("L")
    held.thumbnail((_WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE))
    _write(camera, held)


def _write(camera: Path, held: Image.Image | None) -> None:
    """Of one size always, so that it can be written in place."""
    view = Image.new("L", (_WIDTH, _HEIGHT), _COUNTER)
    if held is not None:
        view.paste(held, ((_WIDTH - held.width) // 2, (_HEIGHT - held.height) // 2))
    with camera.open("r+b" if camera.exists() else "wb") as written:
        written.write(_HEADER + (b"FRAME\n" + view.tobytes() + _NO_COLOUR) * _FRAMES)


@asynccontextmanager
async def open_browser_with(camera: Path, *, is_shell_enough: bool = False) -> AsyncIterator["Browser"]:
    show(camera, None)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-gpu"]
    flags.append(f"--use-file-for-fake-video-capture={camera}")
    async with open_browser(*flags, is_shell_enough=is_shell_enough) as opened:
        yield opened

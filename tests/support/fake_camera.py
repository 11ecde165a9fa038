"""A camera whose picture a test chooses: Chromium plays a file, which is overwritten in place."""

import io
from pathlib import Path

from PIL import Image

_WIDTH, _HEIGHT = 640, 480
_FRAMES = 2
# YUV4MPEG2 (mjpegtools, yuv4mpeg(5)): frames of brightness, each with two quarter planes of colour, here none.
_HEAD = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
_NO_COLOUR = bytes([128]) * (_WIDTH * _HEIGHT // 2)
_WHITE = 255


class FakeCamera:
    """Looks at a white wall until something is held before it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.write_bytes(_write_film(Image.new("L", (_WIDTH, _HEIGHT), _WHITE)))

    @property
    def flags(self) -> list[str]:
        """For Chromium's command line."""
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self._path}",
        ]

    def look_at(self, picture: bytes) -> None:
        """`picture`: a PNG, such as a screenshot. It fills the view, with a white edge."""
        held = Image.open(io.BytesIO(picture)).convert("L")
        held.thumbnail((_WIDTH - 40, _HEIGHT - 40))
        view = Image.new("L", (_WIDTH, _HEIGHT), _WHITE)
        view.paste(held, ((_WIDTH - held.width) // 2, (_HEIGHT - held.height) // 2))
        with self._path.open("r+b") as film:
            film.write(_write_film(view))


def _write_film(view: Image.Image) -> bytes:
    frame = b"FRAME\n" + view.tobytes() + _NO_COLOUR
    return _HEAD + _FRAMES * frame

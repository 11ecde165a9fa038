"""What lies under the stores and geofences: an outline of the world, a local file of tiles, or somebody's style. Pure.

A style's page may fetch from the origins that the setting names, and from no other.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from server.faces.headers import Needs

Kind = Literal["outline", "tiles", "style"]


class BaseMap(msgspec.Struct, frozen=True):
    """`style_url` of a style, `file` of tiles. `origins`: from where a style's tiles, letters and pictures come."""

    kind: Kind
    style_url: str = ""
    file: Path | None = None
    origins: tuple[str, ...] = ()

    @property
    def needs(self) -> Needs:
        """Pictures of tiles come as blobs where a browser cannot decode them otherwise."""
        return Needs(blob_images=self.kind != "outline", connect=self.origins)


OUTLINE = BaseMap("outline")


def read_base_map(setting: str | None) -> BaseMap:
    """`setting`: as `find_base_map_fault` takes it."""
    if setting is None:
        return OUTLINE
    first, *more = setting.split()
    if first.startswith(("https://", "http://")):
        return BaseMap("style", style_url=first, origins=tuple(dict.fromkeys(map(_origin_of, (first, *more)))))
    return BaseMap("tiles", file=Path(setting))


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

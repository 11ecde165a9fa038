"""Which face a Host is. Pure.

Each face has an origin of its own: a script of one could otherwise read what another keeps in the browser, and sign
with its keys. So each Host serves only its face, and `/v1`, which reads no cookies.
"""

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import urlsplit

import msgspec

Face = Literal["console", "card", "till"]
FACES: tuple[Face, ...] = get_args(Face)
PREFIXES: Mapping[Face, str] = {"console": "/console", "card": "/card", "till": "/till"}
# Of every face's Host.
OF_ALL = ("/assets/", "/licences")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
API = "/v1/"


class Faces(msgspec.Struct, frozen=True):
    """The faces that are served, each with its origin."""

    origins: Mapping[Face, str]

    def of_host(self, host: str) -> frozenset[Face]:
        """Those of a request's Host: none where it is the API's, several where they share an origin."""
        return frozenset(face for face, origin in self.origins.items() if host_of(origin) == host.lower())

    def serves(self, host: str, path: str) -> bool:
        """Whether something of this path may be served to who asks this Host."""
        here = self.of_host(host)
        if path.startswith(API):
            return True
        if not is_of_faces(path):
            return not here
        face = face_of(path)
        return bool(here) if face is None else face in here

    @property
    def sharing(self) -> list[Face]:
        """Those that are not alone on their origin."""
        origins = list(self.origins.values())
        return [face for face, origin in self.origins.items() if origins.count(origin) > 1]


def face_of(path: str) -> Face | None:
    return next((face for face, prefix in PREFIXES.items() if path == prefix or path.startswith(f"{prefix}/")), None)


def is_of_faces(path: str) -> bool:
    """Whether it is a page's, or a file's for pages."""
    return path == "/" or path.startswith(OF_ALL) or face_of(path) is not None


def host_of(origin: str) -> str:
    """As a browser writes it into the header Host: without the port that the scheme has anyway."""
    parts = urlsplit(origin)
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])

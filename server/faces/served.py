"""Which faces this installation serves, as its settings have it."""

from collections.abc import Sequence

from server.faces.hosts import FACES, Faces
from server.settings import Settings, name_of_setting


def read_faces(settings: Settings) -> Faces:
    asked = {face: getattr(settings, f"{face}_url") for face in FACES}
    return Faces({face: origin for face, origin in asked.items() if origin is not None})


def find_warnings(settings: Settings) -> Sequence[str]:
    """What an operator should know before shoppers come."""
    sharing = [name_of_setting(f"{face}_url") for face in read_faces(settings).sharing]
    if not sharing:
        return []
    names = " and ".join(sharing)
    return [f"{names} are one origin, where a page can use another's keys; for more than trying out give each its own"]

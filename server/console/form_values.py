"""What a form has sent, read by name. Files, and texts that can be nothing of ours, are left out."""

from collections.abc import Callable
from typing import TypeGuard, TypeVar
from uuid import UUID

from server.faces.pages import PageRequest

T = TypeVar("T")


def is_usable(value: object, most: int) -> TypeGuard[str]:
    """`most`: characters."""
    return isinstance(value, str) and len(value) <= most and "\0" not in value


async def read_field(request: PageRequest, name: str, most: int) -> str:
    """Empty where it is not there, or not usable."""
    value = (await request.form()).get(name, "")
    return value if is_usable(value, most) else ""


def read_id(text: str, kind: Callable[[UUID], T]) -> T | None:
    """`kind`: whose id it is. None where the text is no id."""
    try:
        return kind(UUID(text))
    except ValueError:
        return None

"""Rich menus: the picture with buttons below the chat, by what somebody is to the program. Pure.

https://developers.line.biz/en/reference/messaging-api/#rich-menu-object
"""

import struct
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from channels.line.texts import Command, write_postback

MAX_PICTURE_BYTES = 700_000
MAX_CHAT_BAR_TEXT = 14
MAX_AREAS = 20
# In pixels, and how wide for its height a picture has to be.
MIN_WIDTH, MAX_WIDTH, MIN_HEIGHT, MIN_RATIO = 800, 2500, 250, 1.45
NOT_LINKED, LINKED, OF_RANK = "not_linked", "linked", "rank-"

Json = dict[str, Any]
PictureType = Literal["image/png", "image/jpeg"]


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the picture, in pixels, and what it does: a command of the chat, or an https address."""

    x: int
    """Pixels from the left."""
    y: int
    """Pixels from the top."""
    width: int
    """In pixels."""
    height: int
    """In pixels."""
    command: Command | None = None
    """What the chat is asked for. Null: nothing."""
    url: str | None = None
    """The page that is opened. Null: none."""


class Picture(msgspec.Struct, frozen=True):
    media_type: PictureType
    width: int
    height: int


def read_picture(body: bytes) -> Picture | None:
    """None for what is neither PNG nor JPEG. Only the header is read: LINE judges the rest."""
    if body.startswith(b"\x89PNG\r\n\x1a\n") and len(body) >= 24:
        return Picture("image/png", *struct.unpack(">II", body[16:24]))
    return _read_jpeg(body) if body.startswith(b"\xff\xd8") else None


def find_fault(picture: Picture, areas: Sequence[Area]) -> str | None:
    """A sentence that says what to do."""
    if not (MIN_WIDTH <= picture.width <= MAX_WIDTH and picture.height >= MIN_HEIGHT):
        return f"Send a picture {MIN_WIDTH} to {MAX_WIDTH} pixels wide and at least {MIN_HEIGHT} high."
    if picture.width < picture.height * MIN_RATIO:
        return f"Send a picture at least {MIN_RATIO} times as wide as it is high."
    for area in areas:
        if area.x + area.width > picture.width or area.y + area.height > picture.height:
            return "Keep each area within the picture."
        if (area.command is None) == (area.url is None):
            return "Give each area either a command or a url."
    return None


def describe_menu(state: str, chat_bar_text: str, picture: Picture, areas: Sequence[Area]) -> Json:
    """As LINE takes it."""
    return {
        "size": {"width": picture.width, "height": picture.height},
        "selected": True,
        "name": f"noren {state}",
        "chatBarText": chat_bar_text,
        "areas": [_describe_area(area) for area in areas],
    }


def _describe_area(area: Area) -> Json:
    bounds = {"x": area.x, "y": area.y, "width": area.width, "height": area.height}
    if area.command is None:
        return {"bounds": bounds, "action": {"type": "uri", "uri": area.url}}
    return {"bounds": bounds, "action": {"type": "postback", "data": write_postback(area.command)}}


def _read_jpeg(body: bytes) -> Picture | None:
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # a frame's header
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return Picture("image/jpeg", width, height)
        at += 2 + length
    return None

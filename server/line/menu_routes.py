"""Rich menus of a program's official account: one for each state of whoever opens the chat."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody

from channels.line.line_menus_repository import LineMenu, ShownMenu, delete_menu, list_menus, upsert_menu
from channels.line.menus import (
    LINKED,
    MAX_AREAS,
    MAX_CHAT_BAR_TEXT,
    MAX_PICTURE_BYTES,
    MAX_WIDTH,
    NOT_LINKED,
    OF_RANK,
    Area,
    find_fault,
    read_picture,
)
from channels.line.texts import Command
from ids import ProgramId
from kit.database import Connection, connect
from points.ranks_repository import read_rank_rules
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.writes import write

Pixels = Annotated[int, msgspec.Meta(ge=0, le=MAX_WIDTH)]


class LineMenuArea(Body, frozen=True, kw_only=True):
    """A part of the picture that can be tapped: it has either a `command` or a `url`."""

    x: Pixels
    """Pixels from the left."""
    y: Pixels
    """Pixels from the top."""
    width: Annotated[int, msgspec.Meta(ge=1, le=MAX_WIDTH)]
    """In pixels."""
    height: Annotated[int, msgspec.Meta(ge=1, le=MAX_WIDTH)]
    """In pixels."""
    command: Command | None = None
    """What the chat is asked for, as if the person had written it. Null: nothing."""
    url: Annotated[str, msgspec.Meta(pattern=r"^https://[!-~]+(?!\n)$", max_length=1000)] | None = None
    """The page that is opened. Null: none."""


class LineMenuContent(Body, frozen=True, kw_only=True):
    """What a rich menu shows and does."""

    chat_bar_text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHAT_BAR_TEXT, pattern=r"\S")]
    """What stands on the bar that opens and closes it."""
    picture: Annotated[str, msgspec.Meta(min_length=1)]
    """A PNG or JPEG in Base64: 800 to 2,500 pixels wide, at least 250 high and 1.45 times as wide as high, at most
    700,000 bytes."""
    areas: Annotated[list[LineMenuArea], msgspec.Meta(min_length=1, max_length=MAX_AREAS)]
    """What can be tapped."""


class LineMenuChange(Body, frozen=True, kw_only=True):
    """The rich menu for those of one state."""

    state: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["linked"])]
    """Who is to see it: `not_linked` (everybody who has linked no card), `linked`, or `rank-` and the code of a rank,
    which goes before `linked`."""
    menu: LineMenuContent | None
    """Null ends the menu of that state."""


class LineMenuView(msgspec.Struct, frozen=True, kw_only=True):
    """A rich menu, without its picture."""

    state: str
    """Who sees it: `not_linked` (everybody who has linked no card), `linked`, or `rank-` and the code of a rank, which
    goes before `linked`."""
    chat_bar_text: str
    """What stands on its bar."""
    areas: Sequence[Area]
    """What can be tapped."""
    changed_at: datetime
    """When it was set last."""
    published_at: datetime | None
    """When LINE took it. Null: not yet."""
    fault: str | None
    """A word for what LINE refused. Null: nothing."""


class LineMenus(msgspec.Struct, frozen=True):
    """The program's rich menus."""

    items: list[LineMenuView]
    """By state."""


class LineMenuController(Controller):
    path = "/v1/program/line/menus"
    tags = ("LINE",)

    @get(operation_id="listLineMenus", summary="The rich menus of the program's official account")
    async def list_line_menus(self, staff: SessionDependency, services: ServicesDependency) -> LineMenus:
        async with connect(services.pool) as conn:
            return LineMenus([_view(each) for each in await list_menus(conn, staff.program_id)])

    @put(
        operation_id="setLineMenu",
        summary="Set the rich menu for those of a state, or end it",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def set_line_menu(
        self,
        data: JSONBody[LineMenuChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[LineMenus]:
        """A worker sends it to LINE within a minute, and shows it to whom it is for. The menus of other states stay."""
        content = None if data.menu is None else _check(data.menu)

        async def work(conn: Connection, now: datetime) -> LineMenus:
            if content is None:
                if not await delete_menu(conn, staff.program_id, data.state, now):
                    raise not_found("rich menu")
            else:
                await _require_state(conn, staff.program_id, data.state)
                menu = LineMenu(program_id=staff.program_id, state=data.state, changed_at=now, **content)
                await upsert_menu(conn, menu)
            return LineMenus([_view(each) for each in await list_menus(conn, staff.program_id)])

        return await write(request, services, work)


def _check(menu: LineMenuContent) -> dict[str, Any]:
    """What is kept of it. Raises Problem."""
    picture = _read(menu.picture)
    areas = [Area(**msgspec.structs.asdict(each)) for each in menu.areas]
    found = read_picture(picture)
    fault = "Send picture as a PNG or JPEG." if found is None else find_fault(found, areas)
    if fault is not None:
        raise Problem("invalid-request", fault)
    return {"chat_bar_text": menu.chat_bar_text, "picture": picture, "areas": areas}


async def _require_state(conn: Connection, program_id: ProgramId, state: str) -> None:
    """Raises Problem."""
    if state in (NOT_LINKED, LINKED):
        return
    rules = (await read_rank_rules(conn, [program_id])).get(program_id)
    if state not in {OF_RANK + rank.code for rank in ([] if rules is None else rules.ranks)}:
        raise not_found("rank: the state is not_linked, linked, or rank- and the code of a rank")


def _read(picture: str) -> bytes:
    try:
        body = base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError):
        raise Problem("invalid-request", "Send picture in Base64.") from None
    if len(body) > MAX_PICTURE_BYTES:
        raise Problem("invalid-request", f"Send a picture of at most {MAX_PICTURE_BYTES} bytes.")
    return body


def _view(menu: ShownMenu) -> LineMenuView:
    return LineMenuView(
        state=menu.state,
        chat_bar_text=menu.chat_bar_text,
        areas=menu.areas,
        changed_at=menu.changed_at,
        published_at=menu.published_at,
        fault=menu.fault,
    )

"""What stands around every page of the console, and how a page in it is answered."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from kit.clock import utc_now
from kit.database import Connection
from programs import programs_repository, staff_repository
from programs.programs_repository import Program
from programs.staff_repository import Session, StaffMember
from server.console.navigation import show_menu
from server.console.sessions import make_csrf_token
from server.console.typed_before import TYPED, TypedBefore, forget_typed, read_typed
from server.console.words import FRAME
from server.faces.headers import NOTHING, Needs
from server.faces.pages import PageRequest, lead_to, origin_of, show_page
from server.faces.words import Words
from server.problems import not_found
from server.web.services import Services

_TOLD = "noren-told"
_TOLD_FOR_S = 60


class Frame(msgspec.Struct, frozen=True):
    program: Program
    person: StaffMember
    csrf: str


async def find_frame(conn: Connection, request: PageRequest, services: Services, staff: Session) -> Frame:
    program = await programs_repository.find_program(conn, staff.program_id)
    person = await staff_repository.find_staff(conn, staff.program_id, staff.staff_id)
    if program is None or person is None:
        raise not_found("program")
    return Frame(program, person, make_csrf_token(services.keyring, request.auth))


def show_in_frame(
    request: PageRequest,
    frame: Frame,
    template: str,
    words: Words,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    needs: Needs = NOTHING,
    **values: Any,
) -> Response[str]:
    """`words`: the page's own, besides those of the frame. What a form has left to be told is told, once. Lists hear
    whether theirs is the first page.
    """
    told = request.cookies.get(_TOLD)
    values = {"is_first": not request.query_params.get("cursor"), **values}
    values |= {"program": frame.program, "person": frame.person, "csrf": frame.csrf, "told": told}
    values["menu"] = show_menu(frame.person.role, request.scope["path"])
    typed = _find_typed(request, frame)
    values["typed_before"] = None if typed is None else msgspec.json.encode(typed).decode()
    spent = [] if told is None else [_told_cookie(request, "", 0)]
    spent += [] if typed is None else [forget_typed(request)]
    return show_page(
        request,
        template,
        {**FRAME, **words},
        status=status,
        headers=headers,
        needs=needs,
        cookies=spent,
        **values,
    )


def _find_typed(request: PageRequest, frame: Frame) -> TypedBefore | None:
    services: Services = request.app.state.services
    if request.method != "GET" or TYPED not in request.cookies:
        return None
    return read_typed(request, services.keyring, frame.person.id, utc_now())


def lead_on(request: PageRequest, url: str, told: str) -> Response[None]:
    """After a form: to a page that says, once, the word of this name. No script can read what is told."""
    return lead_to(url, [_told_cookie(request, told, _TOLD_FOR_S)])


def _told_cookie(request: PageRequest, word: str, max_age: int) -> Cookie:
    is_secure = origin_of(request).startswith("https://")
    return Cookie(
        key=_TOLD, value=word, path="/console", max_age=max_age, secure=is_secure, httponly=True, samesite="lax"
    )

"""What a page of the console is shown with: the frame around it, the page's language, and how numbers and days are
written in it.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response

from kit.database import Connection
from kit.locales import Locale
from programs.programs_repository import Program
from programs.staff_repository import Session
from server.console.formats import Writing
from server.console.frame import Frame, find_frame, show_in_frame
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.faces.words import Words
from server.web.services import Services


class Viewing(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at a page. `zone`: the program's, for moments that belong to no store."""

    request: PageRequest
    staff: Session
    program: Program
    locale: Locale
    zone: ZoneInfo
    frame: Frame

    @property
    def write(self) -> Writing:
        return Writing(self.locale, self.zone)

    def show(
        self,
        template: str,
        words: Words,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response[str]:
        """`words`: the page's own, beside those of the frame."""
        return show_in_frame(
            self.request,
            self.frame,
            template,
            words,
            status=status,
            headers=headers,
            f=self.write,
            **values,
        )


async def open_viewing(conn: Connection, request: PageRequest, services: Services, staff: Session) -> Viewing:
    frame = await find_frame(conn, request, services, staff)
    return Viewing(
        request=request,
        staff=staff,
        program=frame.program,
        locale=language_of(request),
        zone=ZoneInfo(frame.program.time_zone),
        frame=frame,
    )

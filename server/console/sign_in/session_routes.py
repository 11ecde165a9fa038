"""Where one is signed in, and signing out there."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, post
from litestar.params import FromPath

from kit.database import Connection
from kit.ids import from_text
from programs import staff_repository
from server.console.frame import lead_on
from server.console.let_in import ACCOUNT
from server.console.sign_in.account_routes import change_own
from server.faces.pages import PageRequest
from server.problems import not_found
from server.web.dependencies import ServicesDependency, SessionDependency


class OwnSessionController(Controller):
    path = f"{ACCOUNT}/sessions"

    @post("/end", status_code=303)
    async def end_sessions(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, _: datetime) -> None:
            await staff_repository.close_other_sessions(conn, staff.staff_id, request.auth)

        await change_own(request, services, staff, work)
        return lead_on(request, ACCOUNT, "sessions_ended")

    @post("/{name:str}/end", status_code=303)
    async def end_session(
        self, name: FromPath[str], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """The one that is lost. Of the own one there is "sign out"."""

        async def work(conn: Connection, _: datetime) -> None:
            await staff_repository.close_session_of(conn, staff.staff_id, from_text(name))

        try:
            await change_own(request, services, staff, work)
        except ValueError:
            raise not_found("session") from None
        return lead_on(request, ACCOUNT, "session_ended")

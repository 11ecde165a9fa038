"""What the server says of a shape while it is drawn or typed: the one place where its rules are asked."""

from uuid import UUID

from litestar import Controller, Response, post

from geo.geofence import Fence
from ids import GeofenceId
from kit.clock import utc_now
from kit.database import connect
from kit.ids import new_id
from server.backoffice.draw_geofence import make_fence, read_shape
from server.console.form_values import read_field
from server.console.map.fence_forms import BadField, read_fence
from server.console.map.fence_pages import Fault, read_typed
from server.console.map.fence_routes import MAX_FORM_BYTES, find_store_by_code
from server.console.map.judging import Verdict, judge
from server.console.map.reasons import say
from server.console.map.words import MAP
from server.faces.languages import language_of
from server.faces.pages import PageRequest, show_page
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of


class PreviewController(Controller):
    path = "/console/map/preview"

    @post(status_code=200, request_max_body_size=MAX_FORM_BYTES)
    async def preview(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """A part of the form's page. It changes nothing."""
        typed = await read_typed(request)
        # What has no name yet is judged all the same.
        typed["name"] = typed["name"].strip() or "-"
        async with connect(services.pool) as conn:
            store = await find_store_by_code(conn, staff, typed["store_code"])
        if store is None:
            return _show(request, fault=Fault("store_code", "fault_store"))
        try:
            body = read_fence(typed, store)
            drawn = await read_shape(body, services)
        except BadField as error:
            return _show(request, fault=Fault.of(error))
        except Problem as error:
            if error.slug != "invalid-geofence":
                raise
            fault = Fault.of(error)
            return _show(request, fault=fault._replace(reason=say(fault.reason, language_of(request))))
        fence: Fence = make_fence(body, drawn, await _read_id(request), staff, store.id)
        async with connect(services.pool) as conn:
            return _show(request, verdict=await judge(conn, fence, scope_of(staff), utc_now()))


async def _read_id(request: PageRequest) -> GeofenceId:
    """Of the geofence that is changed, so that it is not told to lie over itself."""
    try:
        return GeofenceId(UUID(await read_field(request, "geofence_id", 40)))
    except ValueError:
        return GeofenceId(new_id())


def _show(request: PageRequest, *, fault: Fault | None = None, verdict: Verdict | None = None) -> Response[str]:
    return show_page(request, "console/map/verdict.html", MAP, fault=fault, verdict=verdict)

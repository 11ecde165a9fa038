"""How a geofence's form is shown, and what was typed into it."""

from typing import NamedTuple

from litestar import Response

from ids import GeofenceId
from programs.store import Store
from server.console.form_values import read_field
from server.console.map.fence_forms import FIELDS, BadField, Typed
from server.console.map.frame import MapFrame, show_map_page
from server.console.map.reasons import say
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.problems import Problem


class Standing(NamedTuple):
    """A geofence as it is saved."""

    typed: Typed
    store: Store | None


class Fault(NamedTuple):
    """What is wrong with which field. `word`: the name of one; `reason`: a sentence of `geo.shapes`."""

    field: str
    word: str
    reason: str = ""

    @staticmethod
    def of(error: BadField | Problem) -> "Fault":
        if isinstance(error, BadField):
            return Fault(error.field, error.reason)
        pointer = str(error.extra.get("pointer", ""))
        field = pointer.strip("/") if pointer in ("/lat", "/lon", "/radius_m") else "area"
        return Fault(field, "fault_shape", error.detail)


async def read_typed(request: PageRequest) -> dict[str, str]:
    return {name: await read_field(request, name, most) for name, most in FIELDS.items()}


def show_fence(
    request: PageRequest,
    frame: MapFrame,
    typed: Typed,
    store: Store | None,
    geofence_id: GeofenceId | None = None,
    *,
    fault: Fault | None = None,
    theirs: Standing | None = None,
    status: int = 200,
) -> Response[str]:
    """`theirs`: what somebody else has saved meanwhile."""
    if fault is not None:
        fault = fault._replace(reason=say(fault.reason, language_of(request)))
    return show_map_page(
        request,
        frame,
        "panel_fence",
        status=status,
        extent=None,
        typed=typed,
        store=store,
        geofence_id=geofence_id,
        fault=fault,
        theirs=theirs,
    )

"""Whether a page shows what leads to another page, or to a form: as the table of pages has it; and what no page of its
own shows, as the API's table has it.
"""

from programs.staff_repository import Session
from server.console.page_access import PAGES
from server.web.access import ROUTES


def may_open(staff: Session, path: str) -> bool:
    return staff.role in PAGES["GET", path]


def may_send(staff: Session, path: str) -> bool:
    """A form."""
    return staff.role in PAGES["POST", path]


def may_call(staff: Session, method: str, route: str) -> bool:
    """What a part of a page shows that a route of the API reads."""
    return staff.role in ROUTES[method, route]

"""What somebody of the staff may do besides what a page shows: as the API has it, route by route."""

from programs.staff_repository import Session
from server.web.access import ROUTES


def may(staff: Session, method: str, route: str) -> bool:
    return staff.role in ROUTES[method, route]

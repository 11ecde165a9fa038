"""Who may do what on the console's pages: what a page does is permitted to whoever may call the API's route for it."""

from typing import TypeAlias

from programs.staff_repository import Session
from server.problems import Problem
from server.web.access import ROUTES

# Method and path of a route of `/v1`.
ApiRoute: TypeAlias = tuple[str, str]


def may(staff: Session, route: ApiRoute) -> bool:
    return staff.role in ROUTES[route]


def require(staff: Session, route: ApiRoute) -> None:
    """Raises Problem."""
    if not may(staff, route):
        raise Problem("forbidden", "Ask an owner of the program to do it, or to give you another role.")

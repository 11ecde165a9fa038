"""Whether a page shows what leads to another page, or to a form: as the table of pages has it."""

from programs.staff_repository import Session
from server.console.page_access import PAGES


def may_open(staff: Session, path: str) -> bool:
    return staff.role in PAGES["GET", path]


def may_send(staff: Session, path: str) -> bool:
    """A form."""
    return staff.role in PAGES["POST", path]

"""From any exception to a problem: the one place where a failure becomes an answer."""

import time

import asyncpg
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap, Method

from kit.batching import Overloaded
from kit.database import DatabaseUnavailable, describe_failure
from kit.decode_faults import explain_fault
from kit.outages import judge
from kit.pages import InvalidCursor
from kit.throttle import Throttle
from server.problems import Problem
from server.runtime.metrics import UNAVAILABLE
from server.web.access import ROUTES

log = structlog.get_logger()

_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")

_told = Throttle(attempts=1, window_s=60)

MEDIA_TYPE = "application/problem+json"

# The constraints that a caller can run into, and what they are told. A test proves that each of them exists.
CONSTRAINTS: dict[str, tuple[str, str]] = {
    "reservations_member_id_store_id_standing_receipt_key": (
        "receipt-taken",
        "Send the receipt that the coupons are used with: others of the member's were redeemed under this number.",
    ),
    "stores_program_id_code_key": ("code-taken", "Another store of this program has this code; choose another one."),
}

_BY_STATUS = {
    404: ("not-found", "There is no such path; see /docs for those there are."),
    405: ("method-not-allowed", "See /docs for the methods of this path."),
    413: ("body-too-large", "Send less at once."),
    415: ("unsupported-media-type", "Send the body as application/json."),
}


def to_problem(error: Exception) -> Problem:
    """What the caller is told. Unknown exceptions become `internal`, which says nothing of what broke."""
    if isinstance(error, Problem):
        return error
    if _is_outage(error):
        return Problem(
            "unavailable",
            "The outcome is unknown. Send the same request again, with the same Idempotency-Key, after Retry-After.",
            retry_after_s=DatabaseUnavailable.retry_after_s,
        )
    if isinstance(error, Overloaded):
        return Problem("overloaded", "Send it again after Retry-After.", retry_after_s=error.retry_after_s)
    if isinstance(error, InvalidCursor):
        return Problem("invalid-cursor", "Pass a next_cursor of an earlier answer unchanged, or none to begin.")
    if isinstance(error, asyncpg.UniqueViolationError) and error.constraint_name in CONSTRAINTS:
        return Problem(*CONSTRAINTS[error.constraint_name])
    if isinstance(error, asyncpg.DataError):  # a NUL character in a text, a number or a time beyond its type
        return Problem(
            "invalid-request",
            "A value cannot be stored: a text with a NUL character, a number too large, or a time beyond the calendar.",
        )
    if isinstance(error, RecursionError | UnicodeDecodeError):  # msgspec's words for such a body
        return Problem("invalid-request", "Send a body in UTF-8 that is nested less deeply.")
    return _from_http(error)


def answer_problem(request: Request, error: Exception) -> Response[bytes]:  # type: ignore[type-arg]
    problem = note_failure(error, request.scope.get("path_template"))
    if isinstance(error, HTTPException) and problem.slug == "body-too-large":
        taken = request.route_handler.resolve_request_max_body_size()
        problem = Problem("body-too-large", f"Send less at once: a body may have {taken} bytes here.")
    headers = problem.headers()
    if problem.status == 405:
        headers["Allow"] = ", ".join(_find_allowed_methods(request))
    return Response(problem.body(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def note_failure(error: Exception, route: str | None) -> Problem:
    """What the caller is told of it; what is ours to mend is logged, and an outage counted."""
    problem = to_problem(error)
    if problem.slug == "internal":
        log.error("request failed", route=route, **describe_failure(error))
    if _is_outage(error):
        _tell_outage(error, route)
    return problem


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: answer_problem, HTTPException: answer_problem}


def _find_allowed_methods(request: Request) -> list[str]:  # type: ignore[type-arg]
    """Those that the path takes (RFC 9110, 15.5.6)."""
    for method in _METHODS:
        try:
            *_, template = request.app.asgi_router.handle_routing(request.scope["path"], method)
        except HTTPException:
            continue
        return sorted(each for each, path in ROUTES if path == template) or ["GET"]
    return []


def _is_outage(error: Exception) -> bool:
    """Also what came past `connect`: a plan that was stale, where nobody could run its transaction again."""
    is_from_database = isinstance(error, asyncpg.PostgresError) and judge(error) != "fault"
    return is_from_database or isinstance(error, DatabaseUnavailable)


def _tell_outage(error: Exception, route: str | None) -> None:
    """Each is counted; a line a minute and cause is enough for what thousands of requests meet."""
    cause = str(error) if isinstance(error, DatabaseUnavailable) else type(error).__name__
    UNAVAILABLE.labels(cause).inc()
    if not _told.wait_s(cause, time.monotonic()):
        log.warning("database unavailable", cause=cause, route=route)


def _from_http(error: Exception) -> Problem:
    if isinstance(error, ValidationException):
        faults = [_fault(item) for item in error.extra] if isinstance(error.extra, list) else []
        detail = "; ".join(fault for fault in faults if fault) or error.detail
        return Problem("invalid-request", f"Correct this and send it again: {detail}")
    if isinstance(error, HTTPException):
        if error.status_code in _BY_STATUS:
            return Problem(*_BY_STATUS[error.status_code])
        if error.status_code < 500:
            return Problem("invalid-request", f"Correct this and send it again: {error.detail}")
    return Problem("internal", "It has been logged. Send it again later; if it stays, tell the operator.")


def _fault(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    message = str(item.get("message", ""))
    return explain_fault(message, str(item["key"])) if item.get("key") else message

"""A program's settings: what it is called, and what its messages keep to."""

from datetime import datetime, time
from typing import Any

import msgspec
from litestar import Controller, Response, get, post

from kit.database import Connection, connect
from programs import programs_repository
from programs.programs_repository import MessageSettings
from programs.staff_repository import Session
from server.backoffice.message_rules_routes import MessageRules, change_message_rules
from server.backoffice.program_routes import ProgramChange, change_program
from server.console.forms import read_fields
from server.console.frame import lead_on
from server.console.operations.program_words import PROGRAM_WORDS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

PROGRAM = "/console/program"
# What problems of the program's own form say on the page; any other is a page of its own.
_SAID = {"invalid-request": "program_unreadable", "program-changed": "program_changed"}


class ProgramPageController(Controller):
    path = PROGRAM

    @get()
    async def show_program(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show(request, staff, services, {})

    @post(status_code=303)
    async def change(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await read_fields(request)

        async def work(conn: Connection, _: datetime) -> None:
            given: dict[str, Any] = {
                name: typed.get(name, "").strip() for name in ("name", "default_locale", "time_zone")
            }
            given["version"] = _read_version(typed)
            await change_program(conn, staff, msgspec.convert(given, ProgramChange))

        try:
            await write(request, services, work, is_keyed=False)
        except (Problem, msgspec.ValidationError) as error:
            said = _SAID.get(error.slug) if isinstance(error, Problem) else "program_unreadable"
            if said is None:
                raise
            return await _show(request, staff, services, typed, error=said)
        return lead_on(request, PROGRAM, "saved")

    @post("/messages", status_code=303)
    async def change_messages(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await read_fields(request)
        try:
            rules = _read_rules(typed)
        except ValueError:  # msgspec.ValidationError is one too
            return await _show(request, staff, services, typed, error="rules_unreadable")

        async def work(conn: Connection, _: datetime) -> None:
            await change_message_rules(conn, staff, rules)

        try:
            await write(request, services, work, is_keyed=False)
        except Problem as problem:
            if problem.slug != "program-changed":
                raise
            return await _show(request, staff, services, typed, error="rules_changed")
        return lead_on(request, PROGRAM, "saved")


def _read_version(typed: dict[str, str]) -> int:
    """As the form was shown; 0, which is none, where a form of ours would not say so."""
    text = typed.get("version", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _read_rules(typed: dict[str, str]) -> MessageRules:
    """Raises ValueError."""
    given = {name: text.strip() for name, text in typed.items()}
    hours = {"start": given.get("quiet_from", ""), "end": given.get("quiet_until", "")}
    written = {
        "quiet_hours": hours if any(hours.values()) else None,
        "day_cap": int(given.get("day_cap", "")),
        "week_cap": int(given.get("week_cap", "")),
        "day_quota": int(given["day_quota"]) if given.get("day_quota") else None,
        "phones": given.get("phones"),
        "version": _read_version(typed),
    }
    return msgspec.convert(written, MessageRules)


def _type_rules(rules: MessageSettings) -> dict[str, str]:
    """As the form's fields hold them."""
    hours = rules.quiet_hours
    return {
        "quiet_from": "" if hours is None else _type_time(hours.start),
        "quiet_until": "" if hours is None else _type_time(hours.end),
        "day_cap": str(rules.day_cap),
        "week_cap": str(rules.week_cap),
        "day_quota": "" if rules.day_quota is None else str(rules.day_quota),
        "phones": rules.phones,
    }


def _type_time(moment: time) -> str:
    """Seconds only where there are any: a form that is sent as it was shown changes nothing."""
    return moment.isoformat("seconds").removesuffix(":00")


async def _show(
    request: PageRequest, staff: Session, services: Services, typed: dict[str, str], *, error: str | None = None
) -> Response[str]:
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        rules = await programs_repository.find_message_settings(conn, staff.program_id)
    program = viewing.program
    held = {"name": program.name, "default_locale": program.default_locale, "time_zone": program.time_zone}
    shown = held | _type_rules(rules)
    return viewing.show(
        "console/operations/program.html",
        PROGRAM_WORDS,
        status=200 if error is None else 422,
        typed=shown | {name: typed[name] for name in shown if name in typed},
        held=shown,
        error=error,
    )

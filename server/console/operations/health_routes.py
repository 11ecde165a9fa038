"""The system's health in words, for who owns a program: of its own messages, and of the server that all share."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Response, get

from ids import ProgramId
from imports import runs_repository
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.ids import first_id_at
from kit.sql import load_queries
from outbox.kinds import QUEUES, ChannelKind
from server.console.operations.health_words import HEALTH_WORDS
from server.console.operations.signs import Finding, Signs, judge
from server.console.operations.usage import read_quota
from server.console.viewing import Viewing, open_viewing
from server.faces.pages import PageRequest
from server.phone.settings_routes import read_spending
from server.runtime.pulse import read_slowest_pulse
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.readiness import find_failing
from server.web.services import Services

QUERIES = load_queries(__file__, "health.sql")
_READ_OF_A_QUEUE = 2000
_MOST_GIVEN_UP = 10_000
_LATELY = timedelta(days=7)
# Where to do something about it, and the word of the link.
_LINKS = {
    "quota": ("/console/program", "to_settings"),
    "money": ("/console/usage", "to_usage"),
    "import": ("/console/imports", "to_imports"),
    "given_up": ("/console/dead-letters", "to_letters"),
}


class HealthPageController(Controller):
    path = "/console/health"

    @get()
    async def show_health(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        now = utc_now()
        failing = [each.part for each in await find_failing(services)]
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            signs = await _read_signs(conn, services, viewing, failing, now)
        findings = judge(signs)
        return viewing.show(
            "console/operations/health.html",
            HEALTH_WORDS,
            findings=[(each, _figure(viewing, each)) for each in findings],
            faulty=sum(not each.is_fine for each in findings),
            links=_LINKS,
            now=now,
        )


async def _read_signs(
    conn: Connection, services: Services, viewing: Viewing, failing: list[Any], now: datetime
) -> Signs:
    program = viewing.program
    waiting = await _read_waiting(conn, program.id)
    given_up = await conn.fetch(
        *QUERIES.count_given_up(program_id=program.id, first_id=first_id_at(now - _LATELY), most=_MOST_GIVEN_UP)
    )
    quota = await read_quota(conn, program, now)
    spending = await read_spending(conn, services.keyring, program.id, now)
    return Signs(
        now=now,
        failing=failing,
        due_since={channel: min(row["due_since"] for row in rows) for channel, rows in waiting.items()},
        turned_away={channel: sum(row["turned_away"] for row in rows) for channel, rows in waiting.items()},
        given_up={row["channel"]: row["messages"] for row in given_up},
        slowest_ms=await read_slowest_pulse(conn),
        import_since=await _find_idle_import(conn, program.id),
        quota_used=quota.used,
        quota=quota.rules.day_quota,
        money_spent=0 if spending is None else spending.spent_today,
        money_cap=None if spending is None else spending.day_cap,
    )


async def _read_waiting(conn: Connection, program_id: ProgramId) -> dict[ChannelKind, list[Any]]:
    """By channel, what its queues say. A spread database reads the beginning of one queue at a time."""
    waiting: dict[ChannelKind, list[Any]] = {}
    for queue in QUEUES:
        asked = QUERIES.find_waiting(queue=queue, most=_READ_OF_A_QUEUE, program_id=program_id)
        for row in await conn.fetch(*asked):
            waiting.setdefault(row["channel"], []).append(row)
    return dict(sorted(waiting.items()))


async def _find_idle_import(conn: Connection, program_id: ProgramId) -> datetime | None:
    run = await runs_repository.find_open_run(conn, program_id)
    return None if run is None or run.is_leased else run.created_at


def _figure(viewing: Viewing, finding: Finding) -> str:
    return viewing.write.number(finding.figure)

"""A campaign's page: what it says, what came of it, and what can be done with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from coupons.campaigns.campaign import Campaign, CampaignVersion, ChosenState
from coupons.campaigns.campaigns_repository import list_versions
from coupons.campaigns.runs_repository import list_runs
from coupons.campaigns.timed_triggers import Broadcast
from coupons.campaigns.triggers import TRIGGERS
from experiments.experiment import Experiment, Variant
from experiments.experiments_repository import find_experiment
from ids import CampaignId, StaffId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from kit.pages import NEWEST
from kit.pages import PageRequest as ListPage
from programs.staff_repository import Session, find_staff
from server.campaigns.bodies import view_campaign
from server.campaigns.campaign_report import report_campaign
from server.campaigns.change_bodies import CampaignChanges, apply_changes
from server.campaigns.change_campaign import change_campaign
from server.campaigns.own_campaigns import find_campaign_of, require_changeable
from server.console.campaigns.form_page import read_fields
from server.console.campaigns.form_view import SAID_ON_PAGE, say_fault, say_problem
from server.console.campaigns.list_routes import make_line
from server.console.campaigns.names import read_names
from server.console.campaigns.phrases import say_moment
from server.console.campaigns.rehearsal_view import ShownRehearsal
from server.console.campaigns.sentences import say_experiment, say_the_rest
from server.console.campaigns.typed import Fault, Typed
from server.console.campaigns.variant_form import MAX_VARIANTS
from server.console.campaigns.words import CAMPAIGNS
from server.console.formats import Writing
from server.console.frame import find_frame, lead_on, show_in_frame
from server.console.permissions import may_send
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.problems import Problem
from server.rehearsals.past_events import can_be_rehearsed
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

_VERSIONS = 10
# What a click does, and what is said of it then.
_MOVES: Mapping[str, ChosenState] = {"start": "running", "pause": "paused", "stop": "ended"}
_SAID: Mapping[str, str] = {"start": "campaign_started", "pause": "campaign_paused", "stop": "campaign_stopped"}


class VersionLine(msgspec.Struct, frozen=True):
    number: int
    at: str
    by: str | None


class CampaignPageController(Controller):
    path = "/console/campaigns/{campaign_id:uuid}"

    @get()
    async def show_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await show_campaign_page(request, staff, services, campaign_id)

    @post("/state", status_code=200)
    async def move_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Starts, pauses or ends it: of the version that was shown, so that nobody starts what they have not read."""
        typed = Typed(await read_fields(request))
        move = typed.one("move")
        if move not in _MOVES:
            raise Problem("invalid-request", "Choose what to do with the campaign.")
        try:
            wanted = {"state": _MOVES[move], "version": typed.number("version")}
        except Fault as fault:
            return await show_campaign_page(request, staff, services, campaign_id, fault=fault)
        changes = msgspec.convert(wanted, CampaignChanges)

        async def work(conn: Connection, now: datetime, version: int) -> Any:
            old = await find_campaign_of(conn, staff, campaign_id)
            campaign = await change_campaign(conn, staff, old, apply_changes(old, changes), now, version)
            return view_campaign(campaign, None, now)

        try:
            await write(request, services, work, bumps="campaigns", is_keyed=False)
        except Problem as problem:
            if problem.status not in SAID_ON_PAGE:
                raise
            return await show_campaign_page(request, staff, services, campaign_id, problem=problem)
        return lead_on(request, f"/console/campaigns/{campaign_id}", _SAID[move])


async def show_campaign_page(
    request: PageRequest,
    staff: Session,
    services: Services,
    campaign_id: CampaignId,
    *,
    problem: Problem | None = None,
    fault: Fault | None = None,
    rehearsal: ShownRehearsal | None = None,
    has_failed_to_rehearse: bool = False,
) -> Response[str]:
    """`problem`, `fault`: why what somebody has tried on it did not happen."""
    now, locale = utc_now(), language_of(request)
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
        campaign = await find_campaign_of(conn, staff, campaign_id)
        names = (await read_names(conn, services.keeper.current, frame.program, [campaign]))[campaign.id]
        report = await report_campaign(conn, campaign_id)
        experiment = await find_experiment(conn, campaign_id)
        runs = await list_runs(conn, staff.program_id, campaign_id, ListPage(NEWEST, 5)) if _is_sent(campaign) else []
        versions = await _list_versions(conn, staff, campaign, names.zone, locale)
    faults = _say(problem, fault, locale)
    return show_in_frame(
        request,
        frame,
        "console/campaigns/page.html",
        CAMPAIGNS,
        status=422 if faults else 200,
        line=make_line(campaign, names, report.coupons_issued, now, locale),
        campaign=campaign,
        rest=[*say_the_rest(campaign, names, locale), *say_experiment(experiment, locale)],
        report=report,
        experiment=experiment,
        versions=versions,
        may_change=may_send(staff, "/console/campaigns/{campaign_id}/state") and _is_theirs(staff, campaign),
        may_test=may_send(staff, "/console/campaigns/{campaign_id}/test-message"),
        may_write=may_send(staff, "/console/campaigns/new"),
        may_rehearse=can_be_rehearsed(campaign),
        may_try=may_send(staff, "/console/campaigns/{campaign_id}/experiment"),
        faults=faults,
        rehearsal=rehearsal,
        has_failed_to_rehearse=has_failed_to_rehearse,
        writing=Writing(locale, ZoneInfo(frame.program.time_zone)),
        runs=runs[:5],
        is_earned=TRIGGERS[campaign.trigger.kind].is_earned,
        variants=_list_variants(experiment),
    )


def _is_sent(campaign: Campaign) -> bool:
    return isinstance(campaign.trigger, Broadcast)


def _list_variants(experiment: Experiment | None) -> list[Variant | None]:
    """With an empty one at the end, to be filled in."""
    known = list(experiment.variants) if experiment is not None else []
    return [*known, *[None] * 2][:MAX_VARIANTS]


def _is_theirs(staff: Session, campaign: Campaign) -> bool:
    try:
        require_changeable(staff, campaign)
    except Problem:
        return False
    return True


def _say(problem: Problem | None, fault: Fault | None, locale: Locale) -> list[str]:
    if fault is not None:
        return [say_fault(fault, locale)]
    if problem is None:
        return []
    if problem.slug == "campaign-changed":
        return [CAMPAIGNS["changed_meanwhile"][0 if locale == "ja" else 1]]
    return list(say_problem(problem, locale).values())


async def _list_versions(
    conn: Connection, staff: Session, campaign: Campaign, zone: Any, locale: Locale
) -> Sequence[VersionLine]:
    rows: list[CampaignVersion] = await list_versions(conn, campaign.id, campaign.version + 1, _VERSIONS)
    people: dict[StaffId, str] = {}
    for staff_id in {row.changed_by for row in rows if row.changed_by is not None}:
        person = await find_staff(conn, staff.program_id, staff_id)
        if person is not None:
            people[staff_id] = person.name
    return [
        VersionLine(
            row.campaign.version,
            say_moment(row.changed_at, zone, locale),
            None if row.changed_by is None else people.get(row.changed_by),
        )
        for row in rows
    ]

"""A campaign's page put together: what it says, what came of it, and what its forms hold."""

from collections.abc import Awaitable, Callable, Sequence, Set
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response

from coupons.campaigns.campaign import Campaign, CampaignVersion
from coupons.campaigns.campaigns_repository import list_versions
from coupons.campaigns.runs_repository import list_runs
from coupons.campaigns.timed_triggers import Broadcast
from coupons.campaigns.triggers import TRIGGERS
from experiments.experiment import Experiment
from experiments.experiments_repository import find_experiment
from ids import CampaignId, StaffId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from kit.pages import NEWEST
from kit.pages import PageRequest as ListPage
from programs.staff_repository import Session, find_staff
from server.campaigns.campaign_report import report_campaign
from server.campaigns.own_campaigns import find_campaign_of, passes, require_changeable, require_own
from server.campaigns.withdraw import read_withdrawal
from server.console.campaigns.benefit_phrases import title_of
from server.console.campaigns.faults import WHOLE
from server.console.campaigns.form_languages import name_language
from server.console.campaigns.form_message_parts import with_ours
from server.console.campaigns.form_page import picture_of
from server.console.campaigns.form_view import SAID_ON_PAGE, FormView, say_faults, say_problem
from server.console.campaigns.list_routes import make_line
from server.console.campaigns.names import read_names
from server.console.campaigns.phrases import say_moment
from server.console.campaigns.rehearsal_view import ShownRehearsal
from server.console.campaigns.sentences import say_experiment, say_the_rest
from server.console.campaigns.typed import Fault, Fields
from server.console.campaigns.variant_form import MAX_VARIANTS, show_experiment
from server.console.campaigns.words import CAMPAIGNS
from server.console.formats import Writing
from server.console.frame import find_frame, lead_on, show_in_frame
from server.console.map.base_map import read_base_map
from server.console.permissions import may_open, may_send
from server.experiments.bodies import view_experiment
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.problems import Problem
from server.rehearsals.past_events import can_be_rehearsed
from server.web.services import Services

_VERSIONS = 10


class VersionLine(msgspec.Struct, frozen=True):
    number: int
    at: str
    by: str | None


async def act_on_campaign(
    request: PageRequest,
    staff: Session,
    services: Services,
    campaign_id: CampaignId,
    told: str,
    act: Callable[[], Awaitable[object]],
    fields: Fields | None = None,
    *,
    said: Set[int] = SAID_ON_PAGE,
) -> Response[Any]:
    """Back to the campaign's page, which says that it is done, or why not. `said`: the problems that it can say."""
    try:
        await act()
    except Fault as fault:
        return await show_campaign_page(request, staff, services, campaign_id, problem=fault, fields=fields)
    except Problem as problem:
        if problem.status not in said:
            raise
        return await show_campaign_page(request, staff, services, campaign_id, problem=problem, fields=fields)
    return lead_on(request, f"/console/campaigns/{campaign_id}", told)


async def show_campaign_page(
    request: PageRequest,
    staff: Session,
    services: Services,
    campaign_id: CampaignId,
    *,
    problem: Problem | Fault | None = None,
    fields: Fields | None = None,
    rehearsal: ShownRehearsal | None = None,
    has_failed_to_rehearse: bool = False,
) -> Response[str]:
    """`problem`: why what somebody has tried on it did not happen. `fields`: what they have typed for it."""
    now, locale = utc_now(), language_of(request)
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
        campaign = await find_campaign_of(conn, staff, campaign_id)
        names = (await read_names(conn, services.keeper.current, frame.program, [campaign]))[campaign.id]
        report = await report_campaign(conn, campaign_id)
        experiment = await find_experiment(conn, campaign_id)
        runs = await list_runs(conn, staff.program_id, campaign_id, ListPage(NEWEST, 5)) if _is_sent(campaign) else []
        versions = await _list_versions(conn, staff, campaign, names.zone, locale)
        withdrawal = await read_withdrawal(conn, campaign, now)
    faults, base = _say(problem, locale), read_base_map(services.settings.base_map)
    languages = with_ours(sorted(campaign.offer))
    tried = None if experiment is None else view_experiment(experiment)
    shown = {"days": ["30"], **show_experiment(tried, languages), **(fields or {})}
    return show_in_frame(
        request,
        frame,
        "console/campaigns/page.html",
        CAMPAIGNS,
        status=422 if faults else 200,
        needs=base.needs,
        base=base,
        f=FormView(shown, faults),
        languages=[(tag, name_language(tag, locale)) for tag in languages],
        picture=picture_of(campaign),
        title=title_of(campaign.offer, locale),
        withdrawal=withdrawal,
        may_withdraw=may_send(staff, "/console/campaigns/{campaign_id}/withdrawal")
        and passes(require_own, staff, campaign),
        may_show_codes=may_open(staff, "/console/coupons/paper/{campaign_id}"),
        line=make_line(campaign, names, report.coupons_issued, now, locale),
        campaign=campaign,
        rest=[*say_the_rest(campaign, names, locale), *say_experiment(experiment, locale)],
        report=report,
        experiment=experiment,
        versions=versions,
        may_change=may_send(staff, "/console/campaigns/{campaign_id}/state")
        and passes(require_changeable, staff, campaign),
        may_test=may_send(staff, "/console/campaigns/{campaign_id}/test-message"),
        may_write=may_send(staff, "/console/campaigns/new"),
        may_rehearse=can_be_rehearsed(campaign),
        may_try=may_send(staff, "/console/campaigns/{campaign_id}/experiment"),
        rehearsal=rehearsal,
        has_failed_to_rehearse=has_failed_to_rehearse,
        writing=Writing(locale, ZoneInfo(frame.program.time_zone)),
        runs=runs[:5],
        is_earned=TRIGGERS[campaign.trigger.kind].is_earned,
        variants=range(_count_variants(experiment)),
    )


def _is_sent(campaign: Campaign) -> bool:
    return isinstance(campaign.trigger, Broadcast)


def _count_variants(experiment: Experiment | None) -> int:
    """With empty ones at the end, to be filled in."""
    return min((0 if experiment is None else len(experiment.variants)) + 2, MAX_VARIANTS)


def _say(problem: Problem | Fault | None, locale: Locale) -> dict[str, str]:
    """By field."""
    if problem is None:
        return {}
    if isinstance(problem, Fault):
        return say_faults({problem.field: problem}, locale)
    if problem.slug == "campaign-changed":
        return {WHOLE: CAMPAIGNS["changed_meanwhile"][0 if locale == "ja" else 1]}
    return say_problem(problem, locale)


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

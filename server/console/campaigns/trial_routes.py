"""What is tried with a campaign from its page: a rehearsal, a test to oneself, a holdout; and what is sent by hand."""

from datetime import datetime
from functools import partial
from typing import Any, get_args

from litestar import Controller, Response, post
from litestar.params import FromPath

from experiments.experiments_repository import end_experiment, find_experiment
from ids import CampaignId, CampaignRunId
from kit.database import Connection
from kit.locales import LOCALES
from server.campaigns.own_campaigns import find_campaign_of, require_changeable, require_own
from server.campaigns.send_test import send_test
from server.console.campaigns.campaign_page import act_on_campaign, show_campaign_page
from server.console.campaigns.form_message_parts import with_ours
from server.console.campaigns.form_page import read_fields
from server.console.campaigns.form_view import SAID_ON_PAGE
from server.console.campaigns.rehearsal_view import view_rehearsal
from server.console.campaigns.typed import Fault, Typed
from server.console.campaigns.variant_form import read_experiment
from server.experiments.bodies import view_experiment
from server.experiments.set_up import set_up
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.messages.own_tests import TestChannel
from server.messages.preview import Asked
from server.problems import Problem
from server.rehearsals.rehearse_own import rehearse_own
from server.schedules.bodies import StartRunRequest
from server.schedules.routes import start_run, stop_run
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.writes import write

_MOST_DAYS = 30
_CHANNELS: tuple[TestChannel, ...] = get_args(TestChannel)
# Nobody sends as many tests as they like, and the page says so.
_do = partial(act_on_campaign, said=SAID_ON_PAGE | {429})


class CampaignTrialController(Controller):
    path = "/console/campaigns/{campaign_id:uuid}"

    @post("/rehearsal", status_code=200)
    async def rehearse_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        typed = Typed(await read_fields(request))
        try:
            days = min(max(typed.number("days") or _MOST_DAYS, 1), _MOST_DAYS)
            told = await rehearse_own(services, staff, campaign_id, days)
        except Fault:
            raise Problem("invalid-request", "Give the days as a number from 1 to 30.") from None
        except Problem as problem:
            if problem.status not in SAID_ON_PAGE:
                raise
            return await show_campaign_page(
                request, staff, services, campaign_id, problem=problem, has_failed_to_rehearse=True, fields=typed.fields
            )
        shown = await view_rehearsal(services, staff, told, days, language_of(request))
        return await show_campaign_page(request, staff, services, campaign_id, rehearsal=shown, fields=typed.fields)

    @post("/test-message", status_code=200)
    async def send_test_message(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = Typed(await read_fields(request))
        channel: TestChannel = next((each for each in _CHANNELS if each == typed.one("channel")), "email")
        language = next((each for each in LOCALES if each == typed.one("language")), None)
        asked = Asked(member_id=None, language=language, store_id=None, step=None)

        async def work(conn: Connection, now: datetime) -> None:
            await send_test(conn, services, staff, campaign_id, asked, channel, now)

        return await _do(
            request, staff, services, campaign_id, "test_sent", lambda: write(request, services, work, is_keyed=False)
        )

    @post("/experiment", status_code=200)
    async def try_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = Typed(await read_fields(request))

        async def work(conn: Connection, now: datetime, _: int) -> Any:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_changeable(staff, campaign)
            former = await find_experiment(conn, campaign_id)
            known = None if former is None else view_experiment(former)
            data = read_experiment(typed, known, with_ours(sorted(campaign.offer)))
            return view_experiment(await set_up(conn, campaign, data, now))

        return await _do(
            request, staff, services, campaign_id, "experiment_saved",
            lambda: write(request, services, work, bumps="campaigns", is_keyed=False), typed.fields,
        )  # fmt: skip

    @post("/experiment/end", status_code=200)
    async def end_trial(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime, _: int) -> None:
            require_own(staff, await find_campaign_of(conn, staff, campaign_id))
            await end_experiment(conn, campaign_id, now)

        return await _do(
            request, staff, services, campaign_id, "experiment_ended",
            lambda: write(request, services, work, bumps="campaigns", is_keyed=False),
        )  # fmt: skip

    @post("/runs", status_code=200)
    async def start_campaign_run(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime) -> Any:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            return await start_run(conn, staff, campaign, StartRunRequest(), now)

        return await _do(
            request,
            staff,
            services,
            campaign_id,
            "sending_began",
            lambda: write(request, services, work, is_keyed=False),
        )

    @post("/runs/{run_id:uuid}/stop", status_code=200)
    async def stop_campaign_run(
        self,
        campaign_id: FromPath[CampaignId],
        run_id: FromPath[CampaignRunId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime) -> Any:
            return await stop_run(conn, staff, campaign_id, run_id, now)

        return await _do(
            request,
            staff,
            services,
            campaign_id,
            "sending_stopped",
            lambda: write(request, services, work, is_keyed=False),
        )

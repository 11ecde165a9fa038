"""Runs of a campaign: started by hand, followed, stopped and resumed."""

from datetime import datetime, time

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from coupons.campaigns import runs_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.occasions import next_local_moment
from coupons.campaigns.runs import NewRun, Run
from coupons.campaigns.speeds import LocalTime
from coupons.campaigns.timed_triggers import Broadcast
from ids import CampaignId, CampaignRunId
from kit.database import Connection, connect
from kit.ids import new_id
from kit.pages import Page, make_page
from programs.staff_repository import Session
from server.campaigns.audience_choice import pick_audience
from server.campaigns.own_campaigns import find_campaign_of, require_own
from server.problems import Problem, not_found
from server.schedules.bodies import CampaignRun, StartRunRequest, view_run
from server.web.auth import Call, name_of
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.writes import write


class CampaignRunController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/runs"
    tags = ("Campaigns",)

    @post(operation_id="startCampaignRun", summary="Send a campaign out by hand", status_code=202)
    async def start_campaign_run(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[StartRunRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[CampaignRun]:
        """Of a campaign with the trigger `broadcast` that runs. It goes out in the background: ask for the run by its
        id. A campaign for some stores goes to the members who are at home there.
        """

        async def work(conn: Connection, now: datetime) -> CampaignRun:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            return await start_run(conn, staff, campaign, data, now)

        return await write(request, services, work, status=202)

    @get(operation_id="listCampaignRuns", summary="A campaign's runs, the newest first")
    async def list_campaign_runs(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
    ) -> Page[CampaignRun]:
        """Those that were started by hand, and those that time has started."""
        async with connect(services.pool) as conn:
            await find_campaign_of(conn, staff, campaign_id)
            runs = await runs_repository.list_runs(conn, staff.program_id, campaign_id, page)
        return make_page([view_run(run) for run in runs], page, lambda run: run.id)

    @get("/{run_id:uuid}", operation_id="readCampaignRun", summary="How far a run has come")
    async def read_campaign_run(
        self,
        campaign_id: FromPath[CampaignId],
        run_id: FromPath[CampaignRunId],
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> CampaignRun:
        async with connect(services.pool) as conn:
            await find_campaign_of(conn, staff, campaign_id)
            return view_run(await _find(conn, staff, campaign_id, run_id))

    @post("/{run_id:uuid}/stop", operation_id="stopCampaignRun", summary="Stop a run", status_code=200)
    async def stop_campaign_run(
        self,
        campaign_id: FromPath[CampaignId],
        run_id: FromPath[CampaignRunId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[CampaignRun]:
        """After the answer nothing more is issued. What was issued stays."""

        async def work(conn: Connection, now: datetime) -> CampaignRun:
            return await stop_run(conn, staff, campaign_id, run_id, now)

        return await write(request, services, work)

    @post("/{run_id:uuid}/resume", operation_id="resumeCampaignRun", summary="Resume a stopped run", status_code=200)
    async def resume_campaign_run(
        self,
        campaign_id: FromPath[CampaignId],
        run_id: FromPath[CampaignRunId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[CampaignRun]:
        """It goes on behind the last member whom it has looked at, at its speed."""

        async def work(conn: Connection, now: datetime) -> CampaignRun:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            _require_running(campaign, now)
            await _find(conn, staff, campaign_id, run_id)
            await runs_repository.resume_run(conn, campaign_id, run_id, now)
            return _require(await _find(conn, staff, campaign_id, run_id), "waiting", "running")

        return await write(request, services, work)


async def stop_run(
    conn: Connection, staff: Session, campaign_id: CampaignId, run_id: CampaignRunId, now: datetime
) -> CampaignRun:
    """Raises Problem."""
    require_own(staff, await find_campaign_of(conn, staff, campaign_id))
    await _find(conn, staff, campaign_id, run_id)
    await runs_repository.stop_run(conn, campaign_id, run_id, now)
    return _require(await _find(conn, staff, campaign_id, run_id), "stopped")


async def start_run(
    conn: Connection, staff: Session, campaign: Campaign, data: StartRunRequest, now: datetime
) -> CampaignRun:
    if not isinstance(campaign.trigger, Broadcast):
        raise Problem(
            "campaign-not-for-broadcasts",
            "Start only campaigns with the trigger broadcast; others go out by themselves.",
        )
    _require_running(campaign, now)
    audience = await pick_audience(
        conn, campaign.program_id, data.audience_id, data.audience_version, is_judged_now=True
    )
    run_id = CampaignRunId(new_id())
    speed = data.speed
    run = NewRun(
        id=run_id,
        program_id=campaign.program_id,
        campaign_id=campaign.id,
        occasion=str(run_id),
        due_at=now,
        moment=next_local_moment(time.fromisoformat(speed.at), now) if isinstance(speed, LocalTime) else None,
        audience=audience,
        speed=speed,
        started_by=name_of(staff),
        created_at=now,
    )
    await runs_repository.insert_run(conn, run)
    return view_run(await _find(conn, staff, campaign.id, run_id))


def _require_running(campaign: Campaign, now: datetime) -> None:
    """Raises Problem."""
    if campaign.state_at(now) != "running":
        raise Problem("campaign-not-running", "Start the campaign first, or wait until its starts_at.")


def _require(run: Run, *states: str) -> CampaignRun:
    """Raises Problem where it is in another one: somebody has ended it, or it came to its end."""
    if run.state not in states:
        raise Problem("run-over", "Start another run where more is to be issued; this one is over.")
    return view_run(run)


async def _find(conn: Connection, staff: Session, campaign_id: CampaignId, run_id: CampaignRunId) -> Run:
    """Raises Problem."""
    run = await runs_repository.find_run(conn, staff.program_id, campaign_id, run_id)
    if run is None:
        raise not_found("run")
    return run

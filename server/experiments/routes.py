"""Experiments of campaigns, and the program's holdout, as the staff set them."""

import secrets
from datetime import datetime

from litestar import Controller, Response, delete, get, put
from litestar.params import FromPath, JSONBody

from experiments import experiments_repository
from ids import CampaignId
from kit.database import Connection, connect
from server.campaigns.own_campaigns import find_campaign_of, require_changeable, require_own
from server.experiments.bodies import (
    Experiment,
    ExperimentRequest,
    ProgramHoldout,
    ProgramHoldoutRequest,
    view_experiment,
)
from server.experiments.set_up import SALT_BYTES, set_up
from server.problems import not_found
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.writes import write


class ExperimentController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/experiment"
    tags = ("Experiments",)

    @get(operation_id="getExperiment", summary="What is tried of a campaign")
    async def get_experiment(
        self, campaign_id: FromPath[CampaignId], staff: SessionDependency, services: ServicesDependency
    ) -> Experiment:
        async with connect(services.pool) as conn:
            await find_campaign_of(conn, staff, campaign_id)
            experiment = await experiments_repository.find_experiment(conn, campaign_id)
        if experiment is None:
            raise not_found("experiment")
        return view_experiment(experiment)

    @put(
        operation_id="replaceExperiment",
        summary="Hold members out of a campaign, or give them variants of it",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def replace_experiment(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[ExperimentRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Experiment]:
        """A change holds for members who are eligible for the first time after it: who was assigned stays there."""

        async def work(conn: Connection, now: datetime, _: int) -> Experiment:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_changeable(staff, campaign)
            return view_experiment(await set_up(conn, campaign, data, now))

        return await write(request, services, work, bumps="campaigns")

    @delete(operation_id="endExperiment", summary="Give everybody the campaign as it is")
    async def end_experiment(
        self,
        campaign_id: FromPath[CampaignId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        """The results stay as they are at this moment, and can be read for 90 days more."""

        async def work(conn: Connection, now: datetime, _: int) -> None:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            if await experiments_repository.find_experiment(conn, campaign_id) is None:
                raise not_found("experiment")
            await experiments_repository.end_experiment(conn, campaign_id, now)

        return await write(request, services, work, status=204, bumps="campaigns")


class ProgramHoldoutController(Controller):
    path = "/v1/program/holdout"
    tags = ("Experiments",)

    @get(operation_id="getProgramHoldout", summary="How many members get nothing of any campaign")
    async def get_program_holdout(self, staff: SessionDependency, services: ServicesDependency) -> ProgramHoldout:
        async with connect(services.pool) as conn:
            held = await experiments_repository.find_program_holdout(conn, staff.program_id)
        return (
            ProgramHoldout(0, ended_at=None) if held is None else ProgramHoldout(held.percent, ended_at=held.ended_at)
        )

    @put(operation_id="replaceProgramHoldout", summary="Hold members out of all campaigns, or no longer")
    async def replace_program_holdout(
        self,
        data: JSONBody[ProgramHoldoutRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[ProgramHoldout]:
        """A reward for a full stamp card is given all the same. Who was eligible for a campaign before the holdout
        began goes on to get it."""

        async def work(conn: Connection, now: datetime, _: int) -> ProgramHoldout:
            salt = secrets.token_bytes(SALT_BYTES)
            await experiments_repository.upsert_program_holdout(conn, staff.program_id, data.percent, salt, now)
            held = await experiments_repository.find_program_holdout(conn, staff.program_id)
            assert held is not None
            return ProgramHoldout(held.percent, ended_at=held.ended_at)

        return await write(request, services, work, bumps="campaigns")

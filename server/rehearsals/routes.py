"""What a campaign would have done: asked by the staff before they start it, or of one that runs."""

from typing import Annotated

import msgspec
from litestar import Controller, post
from litestar.params import FromPath, JSONBody

from ids import CampaignId
from server.rehearsals.rehearsal import Rehearsal
from server.rehearsals.rehearse_own import rehearse_own
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body


class RehearsalRequest(Body, frozen=True, kw_only=True):
    """Over which time."""

    days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30
    """How many days back from now are gone through."""


class RehearsalController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/rehearse"
    tags = ("Campaigns",)

    @post(operation_id="rehearseCampaign", summary="What a campaign would have done in the last days", status_code=200)
    async def rehearse_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[RehearsalRequest],
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Rehearsal:
        """Of a campaign in any state: as if it had run for the whole time and had issued nothing before, over what
        really happened to members. It writes nothing. Where there are many members it takes some 10 s and answers from
        a sample. A manager of stores is told what happened at theirs.
        """
        return await rehearse_own(services, staff, campaign_id, data.days)

"""Claims: somebody who had a card before brings it to their phone."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from kit.database import Connection
from server.accounts.claim_by_number import claim_by_number
from server.accounts.confirm import VerificationResult
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.fields import Body
from server.web.writes import write


class ClaimRequest(Body, frozen=True):
    """The card, or the member number, that somebody had before."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["2000000000017"])]
    """As it was scanned or typed: spaces, hyphens and full-width digits are fine."""


class ClaimController(Controller):
    path = "/v1/me/claims"
    tags = ("Member",)

    @post(
        operation_id="claimCard",
        summary="Claim the card that the member had before, by its number; may transfer it to this phone",
        status_code=200,
    )
    async def claim_card(
        self, data: JSONBody[ClaimRequest], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[VerificationResult]:
        """The member must have confirmed a contact that the shop has for that card. The answer has a new device token:
        this phone is that member's from now on, with their points. Send an Idempotency-Key: if the answer gets lost,
        the same request with the same token brings it again.
        """

        async def work(conn: Connection, now: datetime) -> VerificationResult:
            return await claim_by_number(conn, services.keyring, services.keeper.current, device, data.number, now)

        return await write(request, services, work)

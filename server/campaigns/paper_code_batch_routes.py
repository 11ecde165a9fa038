"""Codes on paper: a campaign's batches of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from coupons.paper import paper_codes_repository
from coupons.paper.paper_code_batch import PaperCodeBatch
from coupons.paper.paper_codes import MAX_CODES, PUBLIC_CODE
from ids import CampaignId, PaperCodeBatchId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.pages import NEWEST, Page, PageRequest, make_page
from programs.audit_repository import record_audit
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of, require_own
from server.campaigns.paper_code_batches import (
    CancelledCodes,
    CodeBatch,
    cancel_codes,
    make_batch,
    require_single,
    stream_codes,
    view_batch,
    withdraw_batch,
)
from server.problems import Problem
from server.web.auth import Call, name_of
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import act_of, write

MAX_BATCHES = 1000
BatchAsked = Annotated[UUID | None, QueryParameter(name="batch_id", description="only the codes of this batch")]


class CodeBatchRequest(Body, frozen=True, kw_only=True):
    """Codes that are to be printed: single ones (`size`), or a public one (`word`)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """What the staff call it, such as where it is handed out."""
    size: Annotated[int, msgspec.Meta(ge=1, le=MAX_CODES)] | None = None
    """How many single codes. Each becomes one coupon of one person."""
    word: Annotated[str, msgspec.Meta(pattern=f"^{PUBLIC_CODE}(?!\\n)$", examples=["SPRING26"])] | None = None
    """A public code: 4 to 16 capital letters and digits, which no other campaign of the program has. It becomes one
    coupon a person, as long as the campaign's caps last; the campaign must have a `cap`."""


class WithdrawBatchRequest(Body, frozen=True):
    """Codes that are to be good no more."""

    batch_id: PaperCodeBatchId
    """The batch. What its codes have become stays; the campaign's withdrawal ends that."""


class BatchWithdrawal(msgspec.Struct, frozen=True):
    """A batch that was withdrawn."""

    batch_id: PaperCodeBatchId
    """The batch."""
    withdrawn_at: datetime
    """When it was withdrawn first; the same for every repetition."""


class CancelCodesRequest(Body, frozen=True):
    """Single codes that are to be good no more: lost, stolen, misprinted."""

    codes: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=4, max_length=100)]], msgspec.Meta(min_length=1, max_length=1000)
    ]
    """The codes, as they are printed."""


class PaperCodeBatchController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}"
    tags = ("Campaigns",)

    @get(
        "/paper-codes", operation_id="listPaperCodeBatches", summary="The batches of codes of a campaign, newest first"
    )
    async def list_paper_code_batches(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
    ) -> Page[CodeBatch]:
        async with connect(services.pool) as conn:
            await find_campaign_of(conn, staff, campaign_id)
            batches = await paper_codes_repository.list_batches(conn, campaign_id, page)
        return make_page([view_batch(batch) for batch in batches], page, lambda batch: batch.id)

    @post("/paper-codes", operation_id="createPaperCodeBatch", summary="Make codes for paper", status_code=201)
    async def create_paper_code_batch(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[CodeBatchRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[CodeBatch]:
        """Of a campaign whose trigger is of the kind `code`. The codes are in its table (…/paper-codes.csv)."""
        if (data.size is None) is (data.word is None):
            raise Problem(
                "invalid-request", "Give size for single codes, or word for a public one, and only one of them."
            )

        async def work(conn: Connection, now: datetime) -> CodeBatch:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            return await make_batch(conn, campaign, data.name, data.size, data.word, now)

        return await write(request, services, work, status=201)

    @get(
        "/paper-codes.csv",
        operation_id="exportPaperCodes",
        summary="The single codes of a campaign, as a table for a printer or a spreadsheet",
        media_type="text/csv",
    )
    async def export_paper_codes(
        self,
        campaign_id: FromPath[CampaignId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
        batch_id: BatchAsked = None,
    ) -> Stream:
        """UTF-8 with a byte order mark; `code` for the eye, `qr` for a QR code. The same whenever it is asked for: the
        codes are derived and stored nowhere. Who reads it stands in the audit trail."""
        chosen = None if batch_id is None else PaperCodeBatchId(batch_id)
        return await hand_out_codes(request, services, staff, campaign_id, chosen)

    @post(
        "/paper-codes/withdrawal",
        operation_id="withdrawPaperCodeBatch",
        summary="No code of a batch becomes a coupon any more",
        status_code=200,
    )
    async def withdraw_paper_code_batch(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[WithdrawBatchRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[BatchWithdrawal]:
        async def work(conn: Connection, now: datetime) -> BatchWithdrawal:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            return BatchWithdrawal(data.batch_id, await withdraw_batch(conn, campaign, data.batch_id, now))

        return await write(request, services, work, target=str(campaign_id))

    @post(
        "/paper-codes/cancellation",
        operation_id="cancelPaperCodes",
        summary="Cancel single codes that nobody has claimed",
        status_code=200,
    )
    async def cancel_paper_codes(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[CancelCodesRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[CancelledCodes]:
        """Each by itself: a code is claimed or cancelled, whichever comes first."""

        async def work(conn: Connection, now: datetime) -> CancelledCodes:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            return await cancel_codes(conn, services.keyring, campaign, data.codes, now)

        return await write(request, services, work, target=str(campaign_id))


async def hand_out_codes(
    request: Call, services: Services, staff: Session, campaign_id: CampaignId, batch_id: PaperCodeBatchId | None
) -> Stream:
    """Of one batch, or of all single ones. It stands in the audit trail. Raises Problem."""
    batches = await take_batches(request, services, staff, campaign_id, batch_id)
    headers = {"Content-Disposition": 'attachment; filename="paper-codes.csv"', "Cache-Control": "no-store"}
    return Stream(stream_codes(services.keyring, batches), media_type="text/csv; charset=utf-8", headers=headers)


async def take_batches(
    request: Call, services: Services, staff: Session, campaign_id: CampaignId, batch_id: PaperCodeBatchId | None
) -> list[PaperCodeBatch]:
    """Whose codes are handed out, in whatever form: it stands in the audit trail before. Raises Problem."""
    now = utc_now()
    async with connect(services.pool) as conn:
        require_own(staff, await find_campaign_of(conn, staff, campaign_id))
        everything = PageRequest(NEWEST, MAX_BATCHES)
        listed = await paper_codes_repository.list_batches(conn, campaign_id, everything)
    batches = require_single(listed, batch_id)

    async def note(conn: Connection) -> None:
        action = act_of(request)
        target = str(campaign_id)
        await record_audit(conn, staff.program_id, actor=name_of(staff), action=action, target=target, now=now)

    await in_transaction(services.pool, note)
    return batches

"""Codes on paper: the batches of a campaign that gives its coupons for them, made once and taken along as a table."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import list_campaigns
from coupons.paper.paper_codes import MAX_CODES
from coupons.paper.paper_codes_repository import list_batches
from ids import CampaignId, PaperCodeBatchId
from kit.database import Connection, connect
from kit.pages import MAX_LIMIT, NEWEST
from kit.pages import PageRequest as RowsRequest
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of, require_own
from server.campaigns.paper_code_batch_routes import hand_out_codes
from server.campaigns.paper_code_batches import CodeBatch, make_batch, view_batch, withdraw_batch
from server.console.forms import book, new_form_key, read_fields
from server.console.members.care_words import CARE
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem, not_found
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of
from server.web.services import Services

PAPER = "/console/coupons/paper"
_BATCHES_SHOWN = 100
_MOST_NAME = 100
_SAID = {
    "form_in_flight": ("idempotency-in-flight",),
    "form_sent_before": ("idempotency-key-reused",),
    "paper_ended": ("campaign-ended", "campaign-withdrawn"),
}


class PaperCodeController(Controller):
    path = PAPER

    @get()
    async def show_campaigns(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            found = await list_campaigns(conn, staff.program_id, RowsRequest(NEWEST, MAX_LIMIT), scope_of(staff))
        campaigns = [each for each in found[:MAX_LIMIT] if each.trigger.kind == "code"]
        return viewing.show("console/members/paper.html", CARE, campaigns=campaigns)

    @get("/{campaign_id:uuid}")
    async def show_batches(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await _show(request, staff, services, campaign_id, {})

    @post("/{campaign_id:uuid}", status_code=303)
    async def make_codes(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = await read_fields(request)
        name, size = typed.get("name", "").strip(), typed.get("size", "").strip()
        count = int(size) if size.isdecimal() and len(size) < 10 else 0
        if not 1 <= len(name) <= _MOST_NAME or not 1 <= count <= MAX_CODES:
            return await _show(request, staff, services, campaign_id, typed, error="paper_unreadable")

        async def work(conn: Connection, now: datetime) -> CodeBatch:
            campaign = await _find(conn, staff, campaign_id)
            return await make_batch(conn, campaign, name, count, None, now)

        try:
            await book(request, services, work)
        except Problem as problem:
            word = next((word for word, slugs in _SAID.items() if problem.slug in slugs), None)
            if word is None:
                raise
            return await _show(request, staff, services, campaign_id, typed, error=word)
        return lead_to(f"{PAPER}/{campaign_id}?done=made")

    @post("/{campaign_id:uuid}/withdrawal", status_code=303)
    async def withdraw(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Raises Problem."""
        batch_id = read_batch((await read_fields(request)).get("batch", ""))

        async def work(conn: Connection, now: datetime) -> None:
            await withdraw_batch(conn, await _find(conn, staff, campaign_id), batch_id, now)

        await book(request, services, work)
        return lead_to(f"{PAPER}/{campaign_id}?done=withdrawn")

    @get("/{campaign_id:uuid}/codes.csv")
    async def hand_out(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Stream:
        batch_id = read_batch(request.query_params.get("batch", ""))
        return await hand_out_codes(request, services, staff, campaign_id, batch_id)


def read_batch(text: str) -> PaperCodeBatchId:
    """Raises Problem."""
    try:
        return PaperCodeBatchId(UUID(text))
    except ValueError:
        raise not_found("batch") from None


async def _find(conn: Connection, staff: Session, campaign_id: CampaignId) -> Campaign:
    """Raises Problem."""
    campaign = await find_campaign_of(conn, staff, campaign_id)
    require_own(staff, campaign)
    if campaign.trigger.kind != "code":
        raise not_found("campaign")
    return campaign


async def _show(
    request: PageRequest,
    staff: Session,
    services: Services,
    campaign_id: CampaignId,
    typed: dict[str, str],
    *,
    error: str | None = None,
) -> Response[str]:
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        campaign = await _find(conn, staff, campaign_id)
        batches = await list_batches(conn, campaign_id, RowsRequest(NEWEST, _BATCHES_SHOWN))
    done = request.query_params.get("done", "")
    return viewing.show(
        "console/members/paper_batches.html",
        CARE,
        status=200 if error is None else 422,
        campaign=campaign,
        batches=[view_batch(each) for each in batches],
        typed={name: typed.get(name, "") for name in ("name", "size")},
        error=error,
        done=done if done in ("made", "withdrawn") else None,
        most=MAX_CODES,
        key=(typed.get("key") if error == "paper_unreadable" else None) or new_form_key(),
    )

"""Codes on paper as sheets of labels, which the browser prints: each with its QR, its code for the eye, the offer."""

import asyncio
from collections.abc import Sequence

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from cards.pictures import QrPath, draw_qr_path
from coupons.offers import choose_text
from coupons.paper.paper_code_batch import PaperCodeBatch
from coupons.paper.paper_codes import PaperCode, make_paper_code, make_qr_text
from ids import CampaignId
from kit.database import connect
from kit.sealing import Keyring
from server.campaigns.own_campaigns import find_campaign_of
from server.campaigns.paper_code_batch_routes import take_batches
from server.console.members.care_words import CARE
from server.console.members.label_words import LABELS
from server.console.members.paper_routes import PAPER, read_batch
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest
from server.problems import not_found
from server.web.dependencies import ServicesDependency, SessionDependency

# A4 in three columns and eight rows of 70 x 37 mm, which label makers sell. A page has five such sheets.
LABELS_A_SHEET = 24
LABELS_A_PAGE = 5 * LABELS_A_SHEET


class Label(msgspec.Struct, frozen=True):
    code: str
    qr: QrPath


class PaperLabelController(Controller):
    path = f"{PAPER}/{{campaign_id:uuid}}/labels"

    @get()
    async def show_labels(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        """`page` counts from 1. As the table of codes it stands in the audit trail. Raises Problem."""
        batch_id = read_batch(request.query_params.get("batch", ""))
        (batch,) = await take_batches(request, services, staff, campaign_id, batch_id)
        size, page = batch.size or 0, _read_page(request.query_params.get("page", "1"))
        pages = -(-size // LABELS_A_PAGE)
        if batch.withdrawn_at is not None or not 1 <= page <= pages:
            raise not_found("sheet")
        labels = await asyncio.to_thread(_draw, services.keyring, batch, page)
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            campaign = await find_campaign_of(conn, staff, campaign_id)
        return viewing.show(
            "console/members/labels.html",
            {**CARE, **LABELS},
            campaign=campaign,
            batch=batch,
            title=choose_text(campaign.offer, viewing.program.default_locale, None).title,
            sheets=[labels[first : first + LABELS_A_SHEET] for first in range(0, len(labels), LABELS_A_SHEET)],
            page=page,
            pages=pages,
            first=(page - 1) * LABELS_A_PAGE + 1,
            last=min(size, page * LABELS_A_PAGE),
        )


def _draw(keyring: Keyring, batch: PaperCodeBatch, page: int) -> Sequence[Label]:
    first = (page - 1) * LABELS_A_PAGE
    serials = range(first, min(batch.size or 0, first + LABELS_A_PAGE))
    codes = [make_paper_code(keyring, PaperCode(batch.number, serial)) for serial in serials]
    return [Label(code, draw_qr_path(make_qr_text(code))) for code in codes]


def _read_page(text: str) -> int:
    """0 for none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

"""A campaign is written and changed on a page, without JSON."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import list_versions
from ids import CampaignId
from kit.database import Connection, connect
from programs.staff_repository import Session, find_staff
from server.campaigns.bodies import view_campaign
from server.campaigns.change_bodies import CampaignReplacement
from server.campaigns.change_campaign import change_campaign
from server.campaigns.create_campaign import create_campaign
from server.campaigns.own_campaigns import find_campaign_of, require_changeable
from server.console.campaigns.form import show_form
from server.console.campaigns.form_page import Subject, find_subject, read_fields, read_typed, show_form_page
from server.console.campaigns.form_view import SAID_ON_PAGE, say_faults, say_problem
from server.console.campaigns.typed import Fields
from server.console.frame import find_frame, lead_on
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.problems import Problem
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write


class CampaignFormController(Controller):
    path = "/console/campaigns"

    @get("/new")
    async def show_new(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            subject = await find_subject(conn, staff, None, request.query_params.get("like", ""))
            return await show_form_page(conn, request, staff, frame, subject)

    @post("/new", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def write_new(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        return await _save(request, staff, services, None)

    @get("/{campaign_id:uuid}/edit")
    async def show_edit(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            subject = await find_subject(conn, staff, campaign_id, "")
            assert subject.campaign is not None
            require_changeable(staff, subject.campaign)
            return await show_form_page(conn, request, staff, frame, subject)

    @post("/{campaign_id:uuid}/edit", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def write_edit(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        return await _save(request, staff, services, campaign_id)


async def _save(
    request: PageRequest, staff: Session, services: Services, campaign_id: CampaignId | None
) -> Response[Any]:
    fields, locale = await read_fields(request), language_of(request)
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
        subject = await find_subject(conn, staff, campaign_id, _one(fields, "like"))
        read = await read_typed(conn, staff, frame.program, subject, fields)
    faults, changed_by = say_faults(read.faults, locale), None
    if read.body is not None:
        try:
            saved = await _write(request, staff, services, subject, _with_version(read.body, fields))
            return lead_on(request, f"/console/campaigns/{saved}", "campaign_saved")
        except Problem as problem:
            if problem.status not in SAID_ON_PAGE:
                raise
            faults = {} if problem.slug == "campaign-changed" else say_problem(problem, locale)
            changed_by = problem.slug == "campaign-changed" or None
    async with connect(services.pool) as conn:
        values: dict[str, Any] = {}
        if changed_by and campaign_id is not None:
            subject = await find_subject(conn, staff, campaign_id, "")  # as it is by now
            values["theirs"] = await _find_change(conn, staff, subject, fields, frame.program.time_zone)
        return await show_form_page(
            conn, request, staff, frame, subject, fields=fields, faults=faults, status=422, **values
        )


def _one(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _with_version(body: CampaignReplacement, fields: Fields) -> CampaignReplacement:
    text = _one(fields, "version")
    return msgspec.structs.replace(body, version=int(text) if text.isascii() and text.isdigit() else None)


async def _write(
    request: PageRequest, staff: Session, services: Services, subject: Subject, body: CampaignReplacement
) -> CampaignId:
    """Raises Problem."""
    saved: list[CampaignId] = []

    async def work(conn: Connection, now: datetime, version: int) -> Any:
        if subject.campaign is None:
            campaign = await create_campaign(conn, staff, body, now, version)
        else:
            old = await find_campaign_of(conn, staff, subject.campaign.id)
            campaign = await change_campaign(conn, staff, old, body, now, version)
        saved.append(campaign.id)
        return view_campaign(campaign, None, now)

    await write(request, services, work, bumps="campaigns", is_keyed=False)
    return saved[-1]


class TheirChange(msgspec.Struct, frozen=True):
    """What somebody else has saved meanwhile. `fields`: where it differs from what is typed, each as it stands now."""

    by: str | None
    at: datetime
    fields: Mapping[str, str]


async def _find_change(
    conn: Connection, staff: Session, subject: Subject, fields: Fields, time_zone: str
) -> TheirChange:
    campaign: Campaign | None = subject.campaign
    assert campaign is not None
    (newest,) = await list_versions(conn, campaign.id, campaign.version + 1, 1)
    who = None if newest.changed_by is None else await find_staff(conn, staff.program_id, newest.changed_by)
    stands = show_form(subject.before, ZoneInfo(time_zone))
    differing = {
        name: "\n".join(texts) for name, texts in stands.items() if _plain(texts) != _plain(fields.get(name, ()))
    }
    return TheirChange(None if who is None else who.name, newest.changed_at.astimezone(ZoneInfo(time_zone)), differing)


def _plain(texts: Sequence[str]) -> list[str]:
    return [text.replace("\r\n", "\n").strip() for text in texts if text]

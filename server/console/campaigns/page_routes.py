"""A campaign's page: shown, started, paused, stopped; its coupons withdrawn, its picture changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from coupons.campaigns import pictures_repository
from coupons.campaigns.campaign import ChosenState
from coupons.campaigns.picture_files import MAX_FILE_BYTES, SENT_TYPES
from ids import CampaignId
from kit.database import Connection, connect
from kit.locales import LOCALES
from server.campaigns.bodies import view_campaign
from server.campaigns.change_bodies import CampaignChanges, apply_changes
from server.campaigns.change_campaign import change_campaign
from server.campaigns.own_campaigns import find_campaign_of, require_own
from server.campaigns.picture_routes import find_pictured, make_sent_picture
from server.campaigns.withdraw import withdraw
from server.campaigns.withdrawal_routes import WithdrawCampaignRequest
from server.console.campaigns.campaign_page import act_on_campaign, show_campaign_page
from server.console.campaigns.form_page import read_fields
from server.console.campaigns.typed import Fault, Typed
from server.faces.pages import PageRequest
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.writes import write

# More than a picture may have, so that one that is a little too large is said to be so on the page.
_MAX_FORM_BYTES = 2 * MAX_FILE_BYTES
# What a click does, and what is said of it then.
_MOVES: Mapping[str, ChosenState] = {"start": "running", "pause": "paused", "stop": "ended"}
_SAID: Mapping[str, str] = {"start": "campaign_started", "pause": "campaign_paused", "stop": "campaign_stopped"}


class CampaignPageController(Controller):
    path = "/console/campaigns/{campaign_id:uuid}"

    @get()
    async def show_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await show_campaign_page(request, staff, services, campaign_id)

    @post("/state", status_code=200)
    async def move_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Starts, pauses or ends it: of the version that was shown, so that nobody starts what they have not read."""
        typed = Typed(await read_fields(request))
        move = typed.one("move")
        if move not in _MOVES:
            raise Problem("invalid-request", "Choose what to do with the campaign.")

        async def act() -> None:
            wanted = {"state": _MOVES[move], "version": typed.number("version")}
            changes = msgspec.convert(wanted, CampaignChanges)

            async def work(conn: Connection, now: datetime, version: int) -> Any:
                old = await find_campaign_of(conn, staff, campaign_id)
                campaign = await change_campaign(conn, staff, old, apply_changes(old, changes), now, version)
                return view_campaign(campaign, None, now)

            await write(request, services, work, bumps="campaigns", is_keyed=False)

        return await act_on_campaign(request, staff, services, campaign_id, _SAID[move], act)

    @post("/withdrawal", status_code=200)
    async def withdraw_coupons(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Of as many as the page has told, so that nobody withdraws more than they know of."""
        fields = await read_fields(request)

        async def act() -> None:
            data = _read_withdrawal(Typed(fields))

            async def work(conn: Connection, now: datetime, version: int) -> Any:
                campaign = await find_campaign_of(conn, staff, campaign_id)
                require_own(staff, campaign)
                return await withdraw(conn, campaign, data.unused_coupons, data.reason, now, version, staff.staff_id)

            await write(request, services, work, bumps="campaigns", is_keyed=False, target=str(campaign_id))

        return await act_on_campaign(request, staff, services, campaign_id, "campaign_withdrawn", act, fields)

    @post("/picture", status_code=200, request_max_body_size=_MAX_FORM_BYTES)
    async def change_picture(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def act() -> None:
            content, content_type = await _read_picture(request)
            async with connect(services.pool) as conn:
                await find_pictured(conn, staff, campaign_id)  # before the work, which is heavy
            picture = await make_sent_picture(services, content, content_type)

            async def work(conn: Connection, now: datetime, version: int) -> None:
                campaign = await find_pictured(conn, staff, campaign_id)
                await pictures_repository.show_picture(conn, campaign, picture, version, now)

            await write(request, services, work, bumps="campaigns", is_keyed=False, target=str(campaign_id))

        return await act_on_campaign(request, staff, services, campaign_id, "picture_changed", act)

    @post("/picture/removal", status_code=200)
    async def remove_picture(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def work(conn: Connection, _: datetime, version: int) -> None:
            campaign = await find_pictured(conn, staff, campaign_id)
            await pictures_repository.remove_picture(conn, campaign, version)

        return await act_on_campaign(
            request, staff, services, campaign_id, "picture_removed",
            lambda: write(request, services, work, bumps="campaigns", is_keyed=False, target=str(campaign_id)),
        )  # fmt: skip


def _read_withdrawal(typed: Typed) -> WithdrawCampaignRequest:
    """Raises Fault."""
    reason = {locale: text for locale in LOCALES if (text := typed.one(f"reason_{locale}"))}
    if not reason:
        raise Fault("reason_ja", "missing")
    try:
        counted = typed.needed_number("unused_coupons")
        return msgspec.convert({"unused_coupons": counted, "reason": reason}, WithdrawCampaignRequest)
    except msgspec.ValidationError:
        longest = max(reason, key=lambda locale: len(reason[locale]))
        raise Fault(f"reason_{longest}", "too_long", most="500") from None


async def _read_picture(request: PageRequest) -> tuple[bytes, str]:
    """Raises Fault."""
    upload = (await request.form()).get("picture")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Fault("picture", "picture_missing")
    content = await upload.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise Fault("picture", "picture_too_large")
    if upload.content_type not in SENT_TYPES:
        raise Fault("picture", "picture_type")
    return content, upload.content_type

"""A campaign's messages before they are sent: as one reader would get them, and as a test to oneself."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody

from coupons.campaigns.follow_ups import MAX_STEPS
from ids import CampaignId, MemberId, StoreId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.languages import find_tag_fault
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of
from server.campaigns.send_test import send_test
from server.messages.message_previews import MessagePreviews
from server.messages.own_tests import TestChannel
from server.messages.preview import Asked, preview
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import find_member_of, require_stores
from server.web.writes import write

Language = Annotated[str, msgspec.Meta(max_length=20, examples=["en"])]
Step = Annotated[int, msgspec.Meta(ge=1, le=MAX_STEPS)]


class PreviewRequest(Body, frozen=True, kw_only=True):
    """Of which message, and for whom."""

    member_id: MemberId | None = None
    """The member who would read it; only an owner names one. Null: somebody made up, who has a value of everything."""
    language: Language | None = None
    """In which language, as a BCP 47 tag. Null: the member's; of somebody made up, the program's."""
    store_id: StoreId | None = None
    """The store where the coupon would be earned. Null: one of the campaign's."""
    step: Step | None = None
    """The follow-up step, from 1. Null: the messages of the coupon itself."""


class TestMessageRequest(Body, frozen=True, kw_only=True):
    """What is sent to yourself."""

    channel: TestChannel = "email"
    """By which channel: `email`, `push`, `line`, `sms` or `voice`. What a text or call costs is paid for."""
    language: Language | None = None
    """In which language, as a BCP 47 tag. Null: the program's."""
    store_id: StoreId | None = None
    """The store where the coupon would be earned. Null: one of the campaign's."""
    step: Step | None = None
    """The follow-up step, from 1. Null: the message of the coupon itself."""


class PreviewController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}"
    tags = ("Campaigns",)

    @post(
        "/preview",
        operation_id="previewCampaign",
        summary="A campaign's messages as a member would get them",
        status_code=200,
    )
    async def preview_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[PreviewRequest],
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> MessagePreviews:
        """With what is known of the member now, as each channel would show it. It sends nothing, and says nothing of
        whether the member would get it.
        """
        asked = _ask(staff, data.language, data.store_id, data.step, data.member_id)
        async with connect(services.pool) as conn:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            if data.member_id is not None:
                await find_member_of(conn, staff, data.member_id)
            return await preview(conn, campaign, asked, utc_now(), services.settings.public_url)

    @post(
        "/test-message",
        operation_id="sendTestMessage",
        summary="Send a campaign's message to yourself",
        status_code=202,
    )
    async def send_test_message(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[TestMessageRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        """As somebody made up would get it: no member's data leaves by it. An e-mail goes to the address that you log
        in with, what goes by another channel to the member of the program who has confirmed that address: yourself,
        and nobody else. One a minute, ten a day.
        """
        asked = _ask(staff, data.language, data.store_id, data.step, None)

        async def work(conn: Connection, now: datetime) -> None:
            await send_test(conn, services, staff, campaign_id, asked, data.channel, now)

        return await write(request, services, work, status=202)


def _ask(
    staff: Session, language: str | None, store_id: StoreId | None, step: int | None, member_id: MemberId | None
) -> Asked:
    fault = None if language is None else find_tag_fault(language)
    if fault is not None:
        raise Problem("invalid-request", f"In language, {fault}.")
    if member_id is not None and staff.role != "owner":
        raise Problem("forbidden", "Leave out member_id, for somebody made up: only an owner sees what members wrote.")
    if store_id is not None:
        require_stores(staff, [store_id])
    return Asked(member_id=member_id, language=language, store_id=store_id, step=step)

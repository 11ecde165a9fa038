"""Messages that could not be delivered: what they were and why, and the ways to send them again and to dismiss them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import JSONBody, QueryParameter

from ids import CampaignId, CouponId, MemberId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import Page, make_page
from outbox import dead_letters_repository
from outbox.dead_letters_repository import Which
from outbox.kinds import ChannelKind
from programs.staff_repository import Session
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.writes import write

MOST_AT_ONCE = 5000
OfChannel = Annotated[ChannelKind | None, QueryParameter(name="channel", description="only those of this channel")]
ForReason = Annotated[
    str | None,
    QueryParameter(name="reason", min_length=1, max_length=100, description="only those of this reason"),
]
OfCampaign = Annotated[
    CampaignId | None, QueryParameter(name="campaign_id", description="only messages of this campaign")
]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that failed for good, or could not be sent in time. Its words are not shown."""

    id: UUID
    """The id of the message."""
    member_id: MemberId
    """To whom it was to go."""
    channel: ChannelKind
    """By what it was to go."""
    campaign_id: CampaignId | None
    """Of which campaign it was. Null: a code, or an alert about the member's own card."""
    coupon_id: CouponId | None
    """Of which coupon it told."""
    reason: str | None
    """Why it failed, in the channel's own word (`unregistered`, `smtp_550`). Null: its time was over untried."""
    attempts: int
    """How often it was tried."""
    created_at: datetime
    """When it was written."""
    resendable_until: datetime | None
    """Until when it can be sent again: as long as its coupon is good. Null: it cannot, as a code cannot."""


class Choice(Body, frozen=True, kw_only=True):
    """Which messages: these, or all of a campaign."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=100)] | None = None
    """The ids of messages. Leave it out to name a campaign."""
    campaign_id: CampaignId | None = None
    """All of this campaign, 5,000 at once. Leave it out to name messages."""
    reason: Reason | None = None
    """Of them, only those of this reason. Leave it out for all reasons."""


class ResendRequest(Choice, frozen=True, kw_only=True):
    """Which are sent again: these, or all of a campaign."""


class DismissRequest(Choice, frozen=True, kw_only=True):
    """Which are dismissed: these, or all of a campaign."""


class ResendResult(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent again."""

    resent: int
    """How many. What cannot be sent again, or was sent again by somebody else meanwhile, does not count."""
    has_more: bool
    """Whether there may be more of them: ask again."""


class DismissResult(msgspec.Struct, frozen=True, kw_only=True):
    """What is dismissed."""

    dismissed: int
    """How many. What was sent again or dismissed by somebody else meanwhile does not count."""
    has_more: bool
    """Whether there may be more of them: ask again."""


class DeadLetterController(Controller):
    path = "/v1/dead-letters"
    tags = ("Program",)

    @get(operation_id="listDeadLetters", summary="Messages that could not be delivered, and why")
    async def list_dead_letters(
        self,
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
        channel: OfChannel = None,
        reason: ForReason = None,
        campaign_id: OfCampaign = None,
    ) -> Page[DeadLetter]:
        """The newest first. Those that somebody has sent again or dismissed are not among them."""
        which = Which(program_id=staff.program_id, channel=channel, reason=reason, campaign_id=campaign_id)
        async with connect(services.pool) as conn:
            rows = await dead_letters_repository.list_dead_letters(conn, which, page, utc_now())
        return make_page([_view(row) for row in rows], page, lambda letter: letter.id)

    @post(
        "/resend",
        operation_id="resendDeadLetters",
        summary="Send messages again that could not be delivered",
        status_code=200,
    )
    async def resend_dead_letters(
        self, data: JSONBody[ResendRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[ResendResult]:
        """Each is decided on anew, as one that quiet hours have held: consent, the phone, quiet hours and caps are
        looked at as they are now. However often it is asked, and by how many at once, each is sent again once.
        """
        which = choose(staff, data)

        async def work(conn: Connection, now: datetime) -> ResendResult:
            return await resend_letters(conn, which, now)

        return await write(request, services, work, target=target_of(data))

    @post(
        "/dismiss",
        operation_id="dismissDeadLetters",
        summary="List messages no more that could not be delivered",
        status_code=200,
    )
    async def dismiss_dead_letters(
        self, data: JSONBody[DismissRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[DismissResult]:
        """They cannot be sent again, and stay counted as failed."""
        which = choose(staff, data)

        async def work(conn: Connection, now: datetime) -> DismissResult:
            return await dismiss_letters(conn, which, now)

        return await write(request, services, work, target=target_of(data))


def choose(staff: Session, data: Choice) -> Which:
    """Raises Problem."""
    if (data.ids is None) == (data.campaign_id is None):
        raise Problem("invalid-request", "Name either the messages (`ids`) or a campaign (`campaign_id`).")
    return Which(program_id=staff.program_id, reason=data.reason, campaign_id=data.campaign_id, ids=data.ids)


def target_of(data: Choice) -> str | None:
    """What the audit trail says was meant."""
    return None if data.campaign_id is None else str(data.campaign_id)


async def resend_letters(conn: Connection, which: Which, now: datetime) -> ResendResult:
    resent = await dead_letters_repository.resend(conn, which, now, MOST_AT_ONCE)
    return ResendResult(resent=resent, has_more=resent == MOST_AT_ONCE)


async def dismiss_letters(conn: Connection, which: Which, now: datetime) -> DismissResult:
    dismissed = await dead_letters_repository.dismiss(conn, which, now, MOST_AT_ONCE)
    return DismissResult(dismissed=dismissed, has_more=dismissed == MOST_AT_ONCE)


def _view(row: dead_letters_repository.DeadLetter) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        member_id=row.member_id,
        channel=row.channel,
        campaign_id=row.campaign_id,
        coupon_id=row.coupon_id,
        reason=row.reason,
        attempts=row.attempts,
        created_at=row.created_at,
        resendable_until=row.resendable_until,
    )

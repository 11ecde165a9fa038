"""A program's LINE channel: its credentials, which are never read back, and what LINE says of it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, put
from litestar.params import JSONBody

from channels.line.credentials import LineCredentials, seal_credentials, unseal_credentials
from channels.line.line_channels_repository import (
    LineChannelRow,
    delete_channel,
    find_channel,
    upsert_channel,
)
from ids import ProgramId
from kit.database import Connection, connect
from server.line.webhook_routes import WEBHOOKS
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write

ChannelId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}(?!\n)$", examples=["1650000001"])]
LiffId = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{1,20}-[A-Za-z0-9]{1,20}(?!\n)$", examples=["1650000002-8abcdefg"])
]
Secret = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,1000}(?!\n)$", description="printable ASCII")]


class LineChannelChange(Body, frozen=True, kw_only=True):
    """The program's Messaging API channel, as the LINE Developers Console shows it."""

    channel_id: ChannelId
    """The channel id of the Messaging API channel."""
    channel_secret: Secret | None = None
    """Its channel secret. Null keeps the one that was sent before."""
    access_token: Secret | None = None
    """Its long-lived channel access token. Null keeps the one that was sent before."""
    login_channel_id: ChannelId | None = None
    """The channel id of the LIFF or MINI App (of the same provider) whose ID tokens sign members in; null: none."""
    liff_id: LiffId | None = None
    """The id of that LIFF or MINI App, as its console shows it: it begins with `login_channel_id`. With it the card's
    page opens inside LINE. Null: it does not."""
    link_url: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=r"^https://[!-~]+(?!\n)$", max_length=500, examples=["https://app.kissa.example/line"]
            ),
        ]
        | None
    ) = None
    """The page of the program's app where a person who taps "link" in LINE is sent; `linkToken` is added as a query
    parameter. Null: LINE offers no link."""


class LineChannel(msgspec.Struct, frozen=True, kw_only=True):
    """The program's LINE channel, without its credentials."""

    channel_id: str
    """The channel id of the Messaging API channel."""
    login_channel_id: str | None
    """The channel id of the LIFF or MINI App that signs members in; null: none."""
    liff_id: str | None
    """The id of that LIFF or MINI App; null: the card's page does not open inside LINE."""
    link_url: str | None
    """Where a person who taps "link" in LINE is sent; null: LINE offers no link."""
    webhook_url: str
    """Enter it as the webhook URL in the LINE Developers Console. From the root of this API where it begins with a
    slash."""
    changed_at: datetime
    """When the channel was set last."""
    bot_user_id: str | None
    """The official account's own user id, as LINE told it. Null: LINE has not been asked yet, or refuses the token."""
    monthly_limit: int | None
    """How many messages a month the account's plan allows. Null beside a `checked_at`: any number."""
    sent_this_month: int | None
    """How many of them LINE has counted."""
    checked_at: datetime | None
    """When LINE was last asked; a worker asks every ten minutes."""
    fault: str | None
    """A word for what LINE refused last, such as `line_token` for an access token that is no longer good. Null:
    nothing."""
    spent_until: datetime | None
    """LINE refused a message because the month's are spent; nothing is sent before this moment. Null: there are some
    left."""


class LineChannelController(Controller):
    path = "/v1/program/line"
    tags = ("LINE",)

    @get(operation_id="getLineChannel", summary="The program's LINE channel, and what is left of the month's messages")
    async def get_line_channel(self, staff: SessionDependency, services: ServicesDependency) -> LineChannel:
        async with connect(services.pool) as conn:
            channel = await find_channel(conn, staff.program_id)
        if channel is None:
            raise not_found("LINE channel")
        return view_line_channel(channel, services)

    @put(operation_id="setLineChannel", summary="Connect the program's LINE channel")
    async def set_line_channel(
        self,
        data: JSONBody[LineChannelChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[LineChannel]:
        """Secret and token are kept sealed and never shown again. A worker asks LINE whether the token is good: read
        `fault` and `bot_user_id` a minute later.
        """

        async def work(conn: Connection, now: datetime) -> LineChannel:
            return await change_line_channel(conn, services, staff.program_id, data, now)

        return await write(request, services, work)

    @delete(operation_id="deleteLineChannel", summary="Disconnect the program's LINE channel", status_code=204)
    async def delete_line_channel(
        self, request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        """Members stay linked, for a channel of the same provider; nothing is sent to them by LINE until there is
        one.
        """

        async def work(conn: Connection, _: datetime) -> None:
            await remove_line_channel(conn, staff.program_id)

        return await write(request, services, work, status=204)


async def change_line_channel(
    conn: Connection, services: Services, program_id: ProgramId, data: LineChannelChange, now: datetime
) -> LineChannel:
    """Raises Problem."""
    if data.liff_id is not None and data.liff_id.partition("-")[0] != data.login_channel_id:
        raise Problem("invalid-request", "Give liff_id of the LIFF or MINI App that login_channel_id names.")
    former = await find_channel(conn, program_id)
    credentials = _complete(services, program_id, data, former)
    channel = LineChannelRow(
        program_id=program_id,
        channel_id=data.channel_id,
        login_channel_id=data.login_channel_id,
        liff_id=data.liff_id,
        link_url=data.link_url,
        sealed_credentials=seal_credentials(services.keyring, program_id, credentials),
        changed_at=now,
    )
    await upsert_channel(conn, channel)
    return view_line_channel(channel, services)


async def remove_line_channel(conn: Connection, program_id: ProgramId) -> None:
    """Raises Problem."""
    if not await delete_channel(conn, program_id):
        raise not_found("LINE channel")


def _complete(
    services: Services, program_id: ProgramId, data: LineChannelChange, former: LineChannelRow | None
) -> LineCredentials:
    """Raises Problem where something is left out that was never sent, or that belongs to another channel."""
    secret, token = data.channel_secret, data.access_token
    if secret is not None and token is not None:
        return LineCredentials(secret, token)
    if former is None or former.channel_id != data.channel_id:
        raise Problem("invalid-request", "Send channel_secret and access_token with a channel that is new.")
    kept = unseal_credentials(services.keyring, program_id, former.sealed_credentials)
    return LineCredentials(secret or kept.channel_secret, token or kept.access_token)


def view_line_channel(channel: LineChannelRow, services: Services) -> LineChannel:
    return LineChannel(
        channel_id=channel.channel_id,
        login_channel_id=channel.login_channel_id,
        liff_id=channel.liff_id,
        link_url=channel.link_url,
        webhook_url=f"{services.settings.public_url or ''}{WEBHOOKS}/{channel.program_id}",
        changed_at=channel.changed_at,
        bot_user_id=channel.bot_user_id,
        monthly_limit=channel.monthly_limit,
        sent_this_month=channel.sent_this_month,
        checked_at=channel.checked_at,
        fault=channel.fault,
        spent_until=channel.spent_until,
    )

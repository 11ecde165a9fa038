"""`POST /v1/me/message-events`: the app tells what became of the pushes that it was sent."""

import asyncio
from typing import TypeAlias

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kit.batching import Batcher
from kit.clock import utc_now
from server.receipts.report_message_events import (
    MessageEventsRequest,
    MessageEventsResult,
    NewMessageEvent,
    ReportEvents,
)
from server.web.auth import Call
from server.web.bodies import read_body
from server.web.dependencies import DeviceDependency
from server.web.reported_records import read_reported

MAX_REPORT_BYTES = 100_000

Reporting: TypeAlias = NamedDependency[SkipValidation[Batcher[ReportEvents, MessageEventsResult]]]


class MessageEventController(Controller):
    path = "/v1/me/message-events"
    tags = ("Member",)

    @post(
        operation_id="reportMessageEvents",
        summary="Report what became of pushes on this phone",
        status_code=200,
        opt={"body": MessageEventsRequest},
        request_max_body_size=MAX_REPORT_BYTES,
    )
    async def report_message_events(
        self, request: Call, device: DeviceDependency, reporting: Reporting
    ) -> Response[MessageEventsResult]:
        """Up to seven days late, in any order, as often as it takes: the same event of a message counts once, so no
        Idempotency-Key is looked at. What is answered 200 need never be sent again. Where several phones of a member
        show the same message, the first one counts.
        """
        events = await asyncio.to_thread(
            read_reported, await read_body(request), "events", NewMessageEvent, lambda event: event
        )
        command = ReportEvents(device=device, events=events, now=utc_now())
        return Response(await reporting.submit(command))

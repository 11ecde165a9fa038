"""`POST /v1/me/message-events`: the app tells what became of the pushes that it was sent."""

import asyncio
from datetime import datetime

from litestar import Controller, Response, post

from kit.database import Connection
from push.latencies import Latency
from push.latency_metrics import LATENCY_S
from server.receipts.report_message_events import (
    MessageEventsRequest,
    MessageEventsResult,
    NewMessageEvent,
    report_message_events,
)
from server.web.auth import Call
from server.web.bodies import read_body
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.reported_records import read_reported
from server.web.writes import write

MAX_REPORT_BYTES = 100_000


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
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[MessageEventsResult]:
        """Up to seven days late, in any order, as often as it takes: the same event of a message counts once, so no
        Idempotency-Key is looked at. What is answered 200 need never be sent again. Where several phones of a member
        show the same message, the first one counts.
        """
        events = await asyncio.to_thread(
            read_reported, await read_body(request), "events", NewMessageEvent, lambda event: event
        )

        latencies: list[Latency] = []

        async def work(conn: Connection, now: datetime) -> MessageEventsResult:
            nonlocal latencies
            reported = await report_message_events(conn, device, events, now)
            latencies = reported.latencies
            return reported.result

        answer = await write(request, services, work, is_keyed=False)
        for each in latencies:
            LATENCY_S.labels(each.stage).observe(each.seconds)
        return answer

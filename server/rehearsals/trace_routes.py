"""A campaign over a trace that the staff send: what it would do with these fixes."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, post
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter

from coupons.campaigns.triggers import TRIGGERS
from geo.traces import TraceFormat, read_traces
from ids import CampaignId, MemberId
from kit.database import connect
from kit.text_files import UnreadableText
from server.campaigns.own_campaigns import find_campaign_of
from server.problems import Problem
from server.rehearsals.rehearse_trace import TraceQuestion, rehearse_trace
from server.rehearsals.trace_rehearsal import TraceRehearsal
from server.web.auth import Call
from server.web.bodies import media_type_of, read_body
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import find_member_of, scope_of

# Fifty thousand fixes, as GPX writes them.
MAX_TRACE_BYTES = 10_000_000
_FORMATS: dict[str, TraceFormat] = {
    "text/csv": "csv",
    "application/gpx+xml": "gpx",
    "application/x-ndjson": "ndjson",
}
_STEPS = sorted(kind for kind, rule in TRIGGERS.items() if rule.recorded_with == "transition")
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_CSV = "recorded_at,lat,lon,accuracy_m\n2026-11-28T12:00:00+09:00,35.6900,139.7000,12\n"
_NDJSON = '{"recorded_at": "2026-11-28T12:00:00+09:00", "lat": 35.69, "lon": 139.70, "accuracy_m": 12}\n'

MemberAsked = Annotated[
    UUID | None,
    QueryParameter(name="member_id", description="whose the trace is, of one person; if left out, anybody's"),
]


@dataclass
class _TraceOperation(Operation):
    def __post_init__(self) -> None:
        text = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        self.request_body = RequestBody(
            required=True,
            description="docs/rehearsal.md lists the columns",
            content={
                "text/csv": OpenAPIMediaType(schema=text, example=_CSV),
                "application/gpx+xml": OpenAPIMediaType(schema=text),
                "application/x-ndjson": OpenAPIMediaType(schema=text, example=_NDJSON),
            },
        )


class TraceRehearsalController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/rehearse-trace"
    tags = ("Campaigns",)

    @post(
        operation_id="rehearseTrace",
        summary="What a campaign would do with a recorded trace",
        status_code=200,
        request_max_body_size=MAX_TRACE_BYTES,
        opt={"media_types": tuple(_FORMATS)},
        operation_class=_TraceOperation,
    )
    async def rehearse_trace(
        self,
        campaign_id: FromPath[CampaignId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
        member_id: MemberAsked = None,
    ) -> TraceRehearsal:
        """Of a campaign in any state that answers steps through geofences, as if it ran and had issued nothing before.
        The fixes go through the rules that judge a phone's; nothing is written. A manager of stores is told what
        happens at theirs, and names no member.
        """
        form = _FORMATS[media_type_of(request.headers.get("content-type", "text/csv"))]
        member = None if member_id is None else MemberId(member_id)
        if member is not None and staff.role != "owner":
            raise Problem("forbidden", "Leave member_id out: only an owner rehearses with a member of theirs.")
        async with connect(services.pool) as conn:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            if member is not None:
                await find_member_of(conn, staff, member)
        if campaign.trigger.kind not in _STEPS:
            raise Problem(
                "campaign-not-rehearsable",
                f"Rehearse campaigns of {', '.join(_STEPS)} with a trace: it shows nothing else.",
            )
        body = await read_body(request)
        try:
            traces = await asyncio.to_thread(read_traces, body, form)
        except UnreadableText as error:
            raise Problem("invalid-request", str(error)) from error
        if member is not None and len(traces) > 1:
            raise Problem("invalid-request", "Leave member_id out, or send the trace of one person.")
        if any(fix.recorded_at >= _LATEST for trace in traces for fix in trace.fixes):
            raise Problem("invalid-request", "Give recorded_at in the years 2000 to 2999.")
        scope = scope_of(staff)
        question = TraceQuestion(
            campaign=campaign,
            traces=traces,
            member_id=member,
            store_ids=None if scope is None else frozenset(scope),
        )
        return await rehearse_trace(services.pool, services.keeper.current, question)

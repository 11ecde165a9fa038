"""What the staff would ask: why somebody got no coupon, answered by the server in sentences."""

import asyncio

import msgspec

from devtools.demo.board import Board
from devtools.demo.client import Client
from devtools.demo.seed import log_in
from devtools.demo.servers import Program
from ids import MemberId

# It is quiet now, whatever the hour (devtools/demo/campaigns.py).
_CAMPAIGN = "Jazz tonight"


class _Named(msgspec.Struct, frozen=True):
    id: str
    name: str


class _Listed(msgspec.Struct, frozen=True):
    items: list[_Named]


class _Told(msgspec.Struct, frozen=True):
    """A decision, or what kept one from being made: then nothing happened."""

    why: dict[str, str]
    change: dict[str, str] | None
    happened: dict[str, str] = {}


class _Explanation(msgspec.Struct, frozen=True):
    decisions: list[_Told]
    absences: list[_Told]


async def tell_why(client: Client, program: Program, member_id: MemberId, board: Board) -> None:
    """As soon as somebody has been and bought: why that member got none of a campaign's coupons."""
    while not board.counts["redemptions"]:
        if board.faults:
            return
        await asyncio.sleep(0.1)
    token = await log_in(client, program)
    campaigns = (await client.ask(_Listed, "GET", "/v1/campaigns", token)).items
    (campaign,) = (each for each in campaigns if each.name == _CAMPAIGN)
    body = {"member_id": str(member_id), "hours": 1}
    told = await client.ask(_Explanation, "POST", f"/v1/campaigns/{campaign.id}/explain", token, body)
    for each in (*told.decisions, *told.absences)[:1]:
        for locale in ("en", "ja"):
            sentences = (each.happened, each.why, each.change or {})
            board.tell("why?", _CAMPAIGN, " ".join(text[locale] for text in sentences if locale in text))

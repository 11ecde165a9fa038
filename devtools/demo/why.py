"""What the staff would ask: why somebody got no coupon, and what a draft would have done."""

import asyncio

import msgspec

from devtools.demo.board import Board
from devtools.demo.campaigns import DRAFT, QUIET
from devtools.demo.client import Client
from devtools.demo.seed import log_in
from devtools.demo.servers import Program
from ids import MemberId

# So many have bought before the draft is rehearsed.
_SEEN = 10


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


class _Number(msgspec.Struct, frozen=True):
    count: int


class _Cost(msgspec.Struct, frozen=True):
    discount_at_most: int | None


class _Beside(msgspec.Struct, frozen=True):
    name: str
    members: int


class _Store(msgspec.Struct, frozen=True):
    name: str


class _Rehearsal(msgspec.Struct, frozen=True):
    members: _Number
    coupons: _Number
    by_store: list[_Store]
    cost: _Cost
    overlap: list[_Beside]


async def tell_why(client: Client, program: Program, member_id: MemberId, board: Board) -> None:
    """As soon as somebody has been and bought: why that member got none of a campaign's coupons; and as soon as
    several have, what a draft would have done so far.
    """
    if await _wait_for(board, 1):
        await _explain(client, await log_in(client, program), member_id, board)
    if await _wait_for(board, _SEEN):
        await _rehearse(client, await log_in(client, program), board)


async def _wait_for(board: Board, redemptions: int) -> bool:
    """Whether there are so many; False after a fault."""
    while board.counts["redemptions"] < redemptions:
        if board.faults:
            return False
        await asyncio.sleep(0.1)
    return True


async def _find(client: Client, token: str, name: str) -> str:
    campaigns = (await client.ask(_Listed, "GET", "/v1/campaigns", token)).items
    (campaign,) = (each for each in campaigns if each.name == name)
    return f"/v1/campaigns/{campaign.id}"


async def _explain(client: Client, token: str, member_id: MemberId, board: Board) -> None:
    path = await _find(client, token, QUIET)
    body = {"member_id": str(member_id), "hours": 1}
    told = await client.ask(_Explanation, "POST", f"{path}/explain", token, body)
    for each in (*told.decisions, *told.absences)[:1]:
        for locale in ("en", "ja"):
            sentences = (each.happened, each.why, each.change or {})
            board.tell("why?", QUIET, " ".join(text[locale] for text in sentences if locale in text))


async def _rehearse(client: Client, token: str, board: Board) -> None:
    path = await _find(client, token, DRAFT)
    told = await client.ask(_Rehearsal, "POST", f"{path}/rehearse", token, {})
    worth = told.cost.discount_at_most or 0
    coupons, members, stores = told.coupons.count, told.members.count, len(told.by_store)
    beside = [f"{each.name} ({each.members})" for each in told.overlap[:2]]
    board.tell(
        "what if?",
        DRAFT,
        f"the draft would have issued {coupons} coupons to {members} members at {stores} stores, worth up to"
        f" {worth:,} yen; most of them also had {', '.join(beside)}",
    )
    board.tell(
        "what if?",
        DRAFT,
        f"下書きのままなら、{stores}店舗で{members}人に{coupons}枚（最大{worth:,}円分）を発行していました。"
        f"同じ会員への重複：{'、'.join(beside)}",
    )

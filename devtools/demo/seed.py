"""The chain comes to life: the owner logs in and sets it all up over HTTP, as the console would."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from numpy.random import default_rng

from devtools.demo.answers import Body, Created, Enrolled, KeyedTill, Known, Session
from devtools.demo.board import Board, Step
from devtools.demo.campaigns import EXPERIMENT, TRIED, make_campaigns
from devtools.demo.chain import TIME_ZONE, Shop
from devtools.demo.client import Client
from devtools.demo.servers import Program
from kit.clock import utc_now
from members.profile import Profile
from server.seeding.names import draw_profiles

T = TypeVar("T")

MEMBERS = 300
_KNOWN_EVERY = 2
_VISITED = 60
_FLAGSHIPS = 6
_AT_ONCE = 16


@dataclass(frozen=True)
class Outlet:
    """A shop that has a till, and that till's key."""

    shop: Shop
    store_id: str
    till_key: str


@dataclass(frozen=True)
class Town:
    """What the shoppers find: the outlets they may go to, and members who joined before."""

    program_code: str
    outlets: Sequence[Outlet]
    members: Sequence[Enrolled]


async def log_in(client: Client, program: Program) -> str:
    """The owner's token."""
    body = {"program": program.code, "email": program.owner_email, "password": program.owner_password}
    return (await client.ask(Session, "POST", "/v1/sessions", body=body)).token


async def seed_town(client: Client, program: Program, shops: Sequence[Shop], board: Board) -> Town:
    token = await log_in(client, program)
    with board.step("stores", len(shops)) as step:
        ids = await ask_all((client.ask(Created, "POST", "/v1/stores", token, _store(shop)) for shop in shops), step)
    with board.step("geofences", len(shops)) as step:
        fences = (_geofence(shop, store.id) for shop, store in zip(shops, ids, strict=True))
        await ask_all((client.ask(Created, "POST", "/v1/geofences", token, fence) for fence in fences), step)
    every = max(1, len(shops) // _VISITED)
    visited = list(zip(shops, ids, strict=True))[::every]
    with board.step("tills", len(visited)) as step:
        bodies = ({"store_id": store.id, "name": "Till 1"} for _, store in visited)
        tills = await ask_all((client.ask(KeyedTill, "POST", "/v1/tills", token, body) for body in bodies), step)
    campaigns = make_campaigns([store.id for _, store in visited[:_FLAGSHIPS]], utc_now())
    with board.step("campaigns", len(campaigns)) as step:
        made = await ask_all((client.ask(Created, "POST", "/v1/campaigns", token, body) for body in campaigns), step)
        (tried,) = (each.id for each, body in zip(made, campaigns, strict=True) if body["name"] == TRIED)
        await client.ask(Known, "PUT", f"/v1/campaigns/{tried}/experiment", token, EXPERIMENT)
    with board.step("members", MEMBERS) as step:
        members = await ask_all((enrol(client, program.code, number) for number in range(MEMBERS)), step)
    known = list(zip(members[::_KNOWN_EVERY], draw_profiles(MEMBERS, utc_now().year, default_rng(1)), strict=False))
    with board.step("profiles", len(known)) as step:
        await ask_all((_become_known(client, member, profile) for member, profile in known), step)
    outlets = [Outlet(shop, store.id, till.key) for (shop, store), till in zip(visited, tills, strict=True)]
    return Town(program.code, outlets, members)


async def enrol(client: Client, program_code: str, number: int, *, location: bool = True) -> Enrolled:
    """A new member on a new phone; one in three reads English, every other has an Android."""
    body: Body = {
        "program": program_code,
        "platform": "android" if number % 2 else "ios",
        "locale": "en" if number % 3 == 0 else "ja",
        "consents": [
            {"purpose": "location", "granted": location, "text_version": "2026-04"},
            {"purpose": "push", "granted": True, "text_version": "2026-04"},
        ],
    }
    return await client.ask(Enrolled, "POST", "/v1/members", body=body)


async def _become_known(client: Client, member: Enrolled, profile: Profile) -> Known:
    """What somebody types into the form of their app."""
    body: Body = msgspec.to_builtins(profile)
    return await client.ask(Known, "PATCH", "/v1/me/profile", member.device_token, body)


def _store(shop: Shop) -> Body:
    return {
        "code": shop.code,
        "name": shop.name,
        "time_zone": TIME_ZONE,
        "location": shop.door._asdict(),
        "opening_hours": shop.opening_hours,
    }


def _geofence(shop: Shop, store_id: str) -> Body:
    return {"store_id": store_id, "name": "Door", **shop.shape}


async def ask_all(requests: Iterable[Awaitable[T]], step: Step) -> list[T]:
    """The answers in order. A few at a time: a console has few windows, and a server few connections."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def take(request: Awaitable[T]) -> T:
        async with turns:
            answer = await request
        step.done += 1
        return answer

    return await asyncio.gather(*(take(request) for request in requests))

"""A member's card in Apple Wallet, as tests ask for it."""

import io
import json
import zipfile
from typing import Any

import httpx

from devtools.apple_authority import PASS_TYPE
from ids import StoreId
from kit.ids import new_id
from server.runtime.store_places import StorePlaces
from server.wallets.refresh_passes import FIRST, refresh_page
from tests.support.lives import Town, let_a_minute_pass, verify_contact
from tests.support.transferring import settle
from tests.support.world import Caller, Chain, Json, Member

V1 = "/apple-wallet/v1"

PUSH_TOKEN = "0c" * 32


def path_of(member: Member, library: str | None = None, pass_type: str = PASS_TYPE) -> str:
    return f"{V1}/devices/{library or member.id.hex}/registrations/{pass_type}/{member.pass_serial}"


def pass_path(member: Member, pass_type: str = PASS_TYPE) -> str:
    return f"{V1}/passes/{pass_type}/{member.pass_serial}"


async def register(member: Member, library: str | None = None, push_token: str = PUSH_TOKEN) -> httpx.Response:
    return await member.wallet.post(path_of(member, library), {"pushToken": push_token})


async def changed(member: Member, library: str | None = None, since: str | None = None) -> httpx.Response:
    query = {} if since is None else {"passesUpdatedSince": since}
    return await Caller(member.app.http).get(
        f"{V1}/devices/{library or member.id.hex}/registrations/{PASS_TYPE}", **query
    )


def read(response: httpx.Response) -> dict[str, Any]:
    """pass.json of the answer."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/vnd.apple.pkpass"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        shown: dict[str, Any] = json.loads(archive.read("pass.json"))
    return shown


def values(shown: Json) -> dict[str, object]:
    """What each field of the card says."""
    return {field["key"]: field["value"] for fields in shown["storeCard"].values() for field in fields}


async def sweep(chain: Chain) -> None:
    """As the worker does, some seconds later."""
    await chain.world.pool.execute("UPDATE apple_passes SET changed_at = changed_at - interval '5 s'")
    assert await refresh_page(chain.world.pool, StorePlaces(), FIRST) is None


async def set_points(chain: Chain, member: Member, points: int) -> None:
    body = {"member_id": str(member.id), "points": points, "reason": "a gift"}
    assert (await chain.owner.post("/v1/points/adjustments", body)).status_code == 201


async def nearest_place(member: Member) -> str:
    place: str = read(await member.app.get("/v1/me/card.pkpass"))["locations"][0]["relevantText"]
    return place[:2]


async def by_owner(chain: Chain, member: Member) -> None:
    assert (await chain.owner.post(f"/v1/members/{member.id}/block")).status_code == 200


async def by_leaving(_: Chain, member: Member) -> None:
    assert (await member.app.delete("/v1/me")).status_code == 204


async def by_signing_out(_: Chain, member: Member) -> None:
    assert (await member.app.delete("/v1/me/device")).status_code == 204


async def by_merging(chain: Chain, member: Member) -> None:
    town, email = Town(chain, StoreId(new_id()), await chain.add_till(await chain.add_store())), "hana@example.com"
    await verify_contact(town, await chain.enrol(), "email", email)
    await let_a_minute_pass(town)
    await settle(chain, member, await verify_contact(town, member, "email", email))


async def rows_of(chain: Chain, member: Member) -> list[Any]:
    rows: list[Any] = await chain.world.pool.fetch("SELECT * FROM apple_registrations WHERE member_id = $1", member.id)
    return rows

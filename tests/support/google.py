"""A Google of our own, what its phones show, and what ends a card."""

import json
from base64 import b32encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pyotp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cards.google_wallet import SAVE_URL, open_google_wallet
from devtools.google_wallet_double import GoogleWalletDouble
from kit.clock import utc_now
from kit.sealing import Keyring
from server.runtime.store_places import StorePlaces
from server.wallets.sync_google import GoogleWalletSync, SyncResult, sync_google_once
from tests.support.databases import SECRET_KEY
from tests.support.waiting import until
from tests.support.world import Chain, Json, Member, Till

LOOK = {"logo_url": "https://kissa.example/logo.png", "background_color": "#7a3b2e"}


def settings_of(double: GoogleWalletDouble, folder: Path) -> dict[str, Any]:
    """Settings by which an application takes the double for Google; its account is a file in `folder`."""
    account = folder / "google-account.json"
    account.write_text(json.dumps(double.service_account))
    return {
        "google_wallet_service_account": account,
        "google_wallet_issuer": double.issuer_id,
        "google_wallet_endpoint": double.endpoint,
    }


async def open_wallet_of(chain: Chain) -> Till:
    answer = await chain.owner.put("/v1/program/google-wallet", LOOK)
    assert answer.status_code == 200, answer.text
    return await chain.add_till(await chain.add_store())


async def save(member: Member) -> str:
    answer = await member.app.post("/v1/me/card/google-wallet")
    assert answer.status_code == 200, answer.text
    url: str = answer.json()["save_url"]
    return url


def claims_of(url: str, google: GoogleWalletDouble) -> Json:
    """Verified as Google does it: by the public half of the account's key, without any code of ours."""
    private = serialization.load_pem_private_key(google.service_account["private_key"].encode(), None)
    assert isinstance(private, RSAPrivateKey)
    token = url.removeprefix(SAVE_URL)
    claims: Json = jwt.decode(
        token, private.public_key(), algorithms=["RS256"], audience="google", options={"require": ["iat", "iss"]}
    )
    return claims


def object_of(google: GoogleWalletDouble, url: str) -> Json:
    (named,) = claims_of(url, google)["payload"]["loyaltyObjects"]
    return google.objects[named["id"]]


def shown(held: Json, at: datetime) -> str:
    """What Google's phone shows: the documented pattern and parameters, put together by another's TOTP."""
    barcode = held["rotatingBarcode"]
    details = barcode["totpDetails"]
    (parameters,) = details["parameters"]
    totp = pyotp.TOTP(
        b32encode(bytes.fromhex(parameters["key"])).decode(),
        digits=parameters["valueLength"],
        interval=int(details["periodMillis"]) // 1000,
    )
    text: str = barcode["valuePattern"].replace("{totp_value_0}", totp.at(at))
    return text


async def wait_until_over(google: GoogleWalletDouble, url: str) -> None:
    await until(lambda: object_of(google, url)["state"] == "INACTIVE")


async def sync(
    world_settings: dict[str, Any], chain: Chain, google: GoogleWalletDouble, *, after: timedelta
) -> SyncResult:
    """One round of a worker, at a time from now."""
    account: Path = world_settings["google_wallet_service_account"]
    wallet = open_google_wallet(account, google.issuer_id, google.endpoint)
    clock = lambda: utc_now() + after  # noqa: E731
    try:
        return await sync_google_once(
            GoogleWalletSync(
                pool=chain.world.pool, keyring=Keyring(SECRET_KEY), wallet=wallet, stores=StorePlaces(), clock=clock
            ),
            limit=1000,
        )
    finally:
        await wallet.close()


async def stopped_by_member(chain: Chain, member: Member) -> httpx.Response:
    return await member.app.delete("/v1/me/card/key")


async def stopped_by_owner(chain: Chain, member: Member) -> httpx.Response:
    return await chain.owner.delete(f"/v1/members/{member.id}/card-key")


async def blocked(chain: Chain, member: Member) -> httpx.Response:
    return await chain.owner.post(f"/v1/members/{member.id}/block")


async def closed(chain: Chain, member: Member) -> httpx.Response:
    return await member.app.delete("/v1/me")

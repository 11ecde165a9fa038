"""How long an Apple Wallet pass takes to build: pass.json, manifest, PKCS #7 signature, archive."""

import secrets
import time
from datetime import UTC, datetime
from statistics import median

from cards.apple_pass import PassCoupon, PassFace, PassMember, PassPlace
from cards.apple_registration import PassId
from cards.numbers import new_number
from devtools.apple_authority import make_signer
from ids import DeviceId, MemberId
from kit.ids import new_id
from kit.sealing import Keyring
from server.runtime.apple_wallet import AppleWallet

_PLACES = tuple(PassPlace(35.6 + number / 100, 139.7, f"店{number}") for number in range(10))
_COUPON = PassCoupon("珈琲を一杯", "本日のコーヒーをサービスいたします。", datetime(2026, 12, 24, 15, tzinfo=UTC))


def measure_passes(count: int) -> float:
    """The median, in milliseconds, of so many members' passes with a coupon and ten stores, signed with an RSA key."""
    wallet = AppleWallet(make_signer(), Keyring(secrets.token_bytes(32)), "https://noren.example/apple-wallet")
    wallet.build(_pass_id(), _face())  # draws the pictures, which are the same on all
    return median(_build(wallet) for _ in range(count))


def _build(wallet: AppleWallet) -> float:
    pass_id, face = _pass_id(), _face()
    started = time.perf_counter()
    wallet.build(pass_id, face)
    return (time.perf_counter() - started) * 1000


def _pass_id() -> PassId:
    return MemberId(new_id()), DeviceId(new_id())


def _face() -> PassFace:
    return PassFace(
        "Kissa Sakura",
        "ja",
        PassMember(number=new_number(), points=1234, rank="ゴールド", coupon=_COUPON, places=_PLACES),
    )

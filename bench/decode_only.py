"""`python -m bench.decode_only PORT`: Litestar handlers that decode the same bodies and do nothing with them.

No credential, no database, no middleware: what the framework costs. Served as Noren is, by uvicorn.
"""

import sys
from datetime import datetime

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, post
from litestar.params import JSONBody

from bench.shared_port import bind_shared


class Reading(msgspec.Struct):
    lat: float
    lon: float
    recorded_at: datetime
    accuracy_m: float | None = None
    mocked: bool = False


class Upload(msgspec.Struct):
    fixes: list[Reading]


class Count(msgspec.Struct):
    """As long as Noren's receipt."""

    accepted: int
    late: int = 0
    future: int = 0
    mocked: int = 0
    no_consent: int = 0
    refused: tuple[()] = ()
    coupons: tuple[()] = ()


@post("/v1/locations", status_code=200)
async def decode(data: JSONBody[Upload]) -> Count:
    return Count(len(data.fixes))


class ScanRequest(msgspec.Struct):
    card: str
    locale: str = "ja"


class Scanned(msgspec.Struct):
    """As long as Noren's answer."""

    scan_id: str = "019aa8f0-5d3a-7cc2-9f57-0d3b54f5a3c1"
    member_id: str = "019aa8f0-5d3a-7cc2-9f57-0d3b54f5a3c2"
    card_number: str = "2912 3456 7890 6"
    store_id: str = "019aa8f0-5d3a-7cc2-9f57-0d3b54f5a3c3"
    business_day: str = "2026-11-22"
    is_first_today: bool = True
    coupons_issued: int = 0
    usable_coupons: tuple[()] = ()
    purchase_id: str | None = None
    points_earned: int = 10
    points_balance: int | None = 100


@post("/v1/scans", status_code=201)
async def decode_scan(data: JSONBody[ScanRequest]) -> Scanned:
    return Scanned() if len(data.card) > 13 else Scanned(points_balance=None)


async def serve(app: Litestar, port: int) -> None:
    """With the settings of server/__main__.py."""
    config = uvicorn.Config(app, http="httptools", log_level="warning", access_log=False, server_header=False)
    await uvicorn.Server(config).serve([bind_shared("127.0.0.1", port)])


if __name__ == "__main__":
    uvloop.run(serve(Litestar([decode, decode_scan], openapi_config=None), int(sys.argv[1])))

"""`python -m bench.decode_only PORT`: a Litestar handler that decodes the same body and does nothing with it.

No credential, no database, no middleware: what the framework costs. Served as Noren is, by uvicorn.
"""

import sys
from datetime import datetime

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, post
from litestar.params import JSONBody

from server.processes import open_socket


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


async def serve(app: Litestar, port: int) -> None:
    """With the settings of server/__main__.py."""
    config = uvicorn.Config(app, http="httptools", log_level="warning", access_log=False, server_header=False)
    await uvicorn.Server(config).serve([open_socket("127.0.0.1", port)])


if __name__ == "__main__":
    uvloop.run(serve(Litestar([decode], openapi_config=None), int(sys.argv[1])))

"""Health for load balancers: `live` says that the process runs, `ready` that it can reach its database."""

from typing import Literal

import msgspec
from litestar import get

from kit.database import connect
from server.web.dependencies import ServicesDependency


class Health(msgspec.Struct, frozen=True):
    """That all is well; a process that is not well answers with a problem, or not at all."""

    status: Literal["ok"]
    """Always `ok`."""


@get("/health/live", operation_id="checkLiveness", tags=["Operation"], summary="The process runs")
async def check_liveness() -> Health:
    return Health("ok")


@get("/health/ready", operation_id="checkReadiness", tags=["Operation"], summary="The process can do its work")
async def check_readiness(services: ServicesDependency) -> Health:
    async with connect(services.pool) as conn:
        await conn.fetchval("SELECT 1")
    return Health("ok")

"""Health for load balancers: `live` says that the process runs, `ready` that it can do its work now."""

from typing import Literal

import msgspec
from litestar import get

from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.readiness import find_failing


class Health(msgspec.Struct, frozen=True):
    """That all is well; a process that is not well answers with a problem, or not at all."""

    status: Literal["ok"]
    """Always `ok`."""


@get("/health/live", operation_id="checkLiveness", tags=["Operation"], summary="The process runs")
async def check_liveness() -> Health:
    return Health("ok")


@get("/health/ready", operation_id="checkReadiness", tags=["Operation"], summary="The process can do its work")
async def check_readiness(services: ServicesDependency) -> Health:
    failing = await find_failing(services)
    if failing:
        reasons = "; ".join(each.reason for each in failing)
        raise Problem("not-ready", f"Not now: {reasons}.", retry_after_s=2, failing=failing)
    return Health("ok")

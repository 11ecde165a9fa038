"""Health for load balancers: `live` says that the process runs, `ready` that it can do its work now."""

from typing import Literal

import msgspec
from litestar import get, head

from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.readiness import find_failing
from server.web.services import Services


class Health(msgspec.Struct, frozen=True):
    """That all is well; a process that is not well answers with a problem, or not at all."""

    status: Literal["ok"]
    """Always `ok`."""


@get("/health/live", operation_id="checkLiveness", tags=["Operation"], summary="The process runs")
async def check_liveness() -> Health:
    return Health("ok")


@head("/health/live", operation_id="probeLiveness", tags=["Operation"], summary="The process runs: no body")
async def probe_liveness() -> None:
    """For probes that ask with HEAD."""


@get("/health/ready", operation_id="checkReadiness", tags=["Operation"], summary="The process can do its work")
async def check_readiness(services: ServicesDependency) -> Health:
    await _require_readiness(services)
    return Health("ok")


@head("/health/ready", operation_id="probeReadiness", tags=["Operation"], summary="The process is ready: no body")
async def probe_readiness(services: ServicesDependency) -> None:
    await _require_readiness(services)


async def _require_readiness(services: Services) -> None:
    failing = await find_failing(services)
    if failing:
        reasons = "; ".join(each.reason for each in failing)
        raise Problem("not-ready", f"Not now: {reasons}.", retry_after_s=2, failing=failing)

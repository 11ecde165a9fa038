"""One stage for test after test, for as long as all of it stands: to set another takes thirty requests."""

from tests.support.bodies import example_of
from tests.support.stage import Stage, set_stage
from tests.support.world import World


class StandingStage:
    """For tests whose promise holds whatever others did to the stage before them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stage: Stage | None = None

    async def take(self) -> Stage:
        if self._stage is None or not await stands(self._stage):
            self._stage = await self._set()
        return self._stage

    async def _set(self) -> Stage:
        chain = await self._world.add_chain()
        answer = await chain.owner.put("/v1/program/google-wallet", example_of("updateGoogleWalletDesign"))
        assert answer.status_code == 200, answer.text
        return await set_stage(chain)


async def stands(stage: Stage) -> bool:
    """Whether everybody of it is still let in, and all that they have is there."""
    manager = stage.manager.session
    looks = (
        (stage.chain.owner, f"/v1/audiences/{stage.audience_id}"),
        (manager, f"/v1/geofences/{stage.geofence_id}"),
        (manager, f"/v1/campaigns/{stage.campaign_id}"),
        (manager, f"/v1/stores/{stage.store_id}"),
        (stage.till.at, "/v1/till/offline-verification"),
        (stage.member.app, "/v1/me/coupons"),
    )
    return all([(await caller.get(path)).status_code == 200 for caller, path in looks])

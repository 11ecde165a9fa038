"""Which version of the app a phone has: told at enrolment and after an update, and kept as it was told."""

import asyncpg
import pytest

from tests.support.expectations import expect_problem
from tests.support.merging import pair, transfer_device
from tests.support.shop import Shop
from tests.support.world import Chain, Member

NONE_AT_ALL = ("", " 3.2.1", "3.2.1\n", "3.2\t1", "3.2\x001", "3.2\x7f", "3.2.1β", "1" * 33)


async def version_of(member: Member) -> str | None:
    version: str | None = (await member.app.get("/v1/me")).json()["app_version"]
    return version


async def test_an_enrolment_tells_the_version_or_none(chain: Chain) -> None:
    for told in ("3.2.1 (57)", "1" * 32, None):
        assert await version_of(await chain.enrol(app_version=told)) == told


async def test_an_update_is_told_with_the_language_and_a_change_without_it_leaves_it(chain: Chain) -> None:
    member = await chain.enrol(app_version="3.2.1")
    for change, kept in (({"app_version": "3.3.0"}, "3.3.0"), ({"language": "zh-TW"}, "3.3.0")):
        assert (await member.app.patch("/v1/me/device", {"locale": "en"} | change)).status_code == 204
        assert await version_of(member) == kept


async def test_a_device_transfer_takes_it_along(shop: Shop) -> None:
    _, new = await pair(shop)
    await shop.pool.execute("UPDATE devices SET app_version = '3.2.1' WHERE id = $1", new.device_id)
    phone = await transfer_device(shop, new)
    assert await shop.pool.fetchval("SELECT app_version FROM devices WHERE id = $1", phone.device_id) == "3.2.1"


@pytest.mark.parametrize("version", NONE_AT_ALL)
async def test_what_nobody_could_read_is_refused_with_what_to_send(chain: Chain, version: str) -> None:
    member = await chain.enrol()
    problem = expect_problem(
        await member.app.patch("/v1/me/device", {"locale": "en", "app_version": version}), 400, "invalid-request"
    )
    assert "app_version" in problem["detail"]
    assert "1 to 32 printable ASCII characters" in problem["detail"]
    assert await version_of(member) == "3.2.1"


@pytest.mark.parametrize("version", [each for each in NONE_AT_ALL if "\0" not in each])
async def test_the_database_refuses_it_too(chain: Chain, version: str) -> None:
    member = await chain.enrol()
    with pytest.raises(asyncpg.CheckViolationError):
        await chain.world.pool.execute("UPDATE devices SET app_version = $2 WHERE id = $1", member.device_id, version)

"""The card in the phone's wallet, and what the page says when the device was signed out meanwhile."""

import zipfile

from tests.support.card_page import open_card, show_view
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor


async def test_the_card_is_added_to_a_wallet_until_the_device_is_signed_out(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    await open_card(faces, visitor, chain)
    await page.locator("[data-safety] [data-safety-wallet]:not([hidden])").wait_for()
    await show_view(visitor, "wallet")
    assert await page.locator("[data-google]").is_hidden(), "the program has no card in Google Wallet"
    async with page.expect_download() as coming:
        await page.click("[data-apple]:not([hidden])")
    assert "pass.json" in zipfile.ZipFile(await (await coming.value).path()).namelist()
    assert await visitor.find_barriers() == []
    visitor.expect_complaint("status of 401")
    await faces.world.pool.execute(
        "UPDATE devices SET revoked_at = now(), push_token = NULL, push_token_kind = NULL, push_token_state = NULL"
        " WHERE program_id = $1",
        chain.id,
    )
    await page.click("[data-apple]:not([hidden])")
    await page.locator('[data-view="lost"]:not([hidden])').wait_for()

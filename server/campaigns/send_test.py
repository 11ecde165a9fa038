"""A campaign's message as a test to oneself: one a minute, ten a day."""

from datetime import datetime

from ids import CampaignId
from kit.database import Connection
from members.code_limits import staff_limit
from members.verifications_repository import count_code
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of
from server.messages.own_tests import TestChannel, send_own_test
from server.messages.preview import Asked, set_scene
from server.problems import Problem
from server.web.services import Services


async def send_test(
    conn: Connection,
    services: Services,
    staff: Session,
    campaign_id: CampaignId,
    asked: Asked,
    channel: TestChannel,
    now: datetime,
) -> None:
    """Queue it. Raises Problem."""
    if channel == "email" and "email" not in services.channels:
        raise Problem("channel-not-configured", "Set up e-mail first (NOREN_SMTP_URL): there is nothing to send with.")
    campaign = await find_campaign_of(conn, staff, campaign_id)
    scene = await set_scene(conn, campaign, asked, now)
    told = services.keyring.mac("test-message", staff.staff_id.bytes)
    wait = (await count_code(conn, staff.program_id, staff_limit(told), now)).wait
    if wait:
        raise Problem(
            "too-many-attempts",
            "Wait before you send yourself another test.",
            retry_after_s=int(wait.total_seconds()) + 1,
        )
    await send_own_test(conn, services.keyring, staff, scene, channel, now)

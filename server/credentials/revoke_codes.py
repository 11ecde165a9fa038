"""`revoke_codes`: a card's codes are refused, at once online and after the next sync offline; the number stays."""

from datetime import datetime

from cards import card_keys_repository, google_passes_repository, totp_passes_repository
from cards.card_key import RevocationCause
from ids import DeviceId, MemberId
from kit.database import Connection


async def revoke_codes(conn: Connection, member_id: MemberId, cause: RevocationCause, now: datetime) -> None:
    """The phone's key and every TOTP pass, whichever device they are on."""
    await card_keys_repository.lock_card(conn, member_id)
    live = await card_keys_repository.find_live_key(conn, member_id)
    if live is not None:
        await card_keys_repository.revoke_card_key(conn, live, cause, now)
    await totp_passes_repository.revoke_totp_passes(conn, member_id, now)
    await google_passes_repository.end_google_passes(conn, [member_id], now)


async def revoke_codes_of_device(conn: Connection, member_id: MemberId, device_id: DeviceId, now: datetime) -> None:
    """Of a device that is signed out, if the card is on it."""
    await card_keys_repository.lock_card(conn, member_id)
    live = await card_keys_repository.find_live_key(conn, member_id)
    if live is not None and live.device_id == device_id:
        await card_keys_repository.revoke_card_key(conn, live, "signed_out", now)
        await totp_passes_repository.revoke_totp_passes(conn, member_id, now, "app")

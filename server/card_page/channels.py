"""What a program's card can do besides showing itself: which wallets, contacts and messages are set up."""

from functools import cache
from pathlib import Path

import msgspec

from cards.google_classes_repository import find_google_classes
from channels.line.line_channels_repository import find_channel
from ids import ProgramId
from kit.database import Connection
from push.web_config import WebPushConfig, parse_web_config
from server.alerts.tell_contacts import channels_of
from server.faces.headers import Needs
from server.settings import Settings
from server.web.services import Services
from visits.rules_repository import find_visit_rules

# Where the SDK of Firebase registers a browser.
FIREBASE_HOSTS = ("https://firebaseinstallations.googleapis.com", "https://fcmregistrations.googleapis.com")


class CardChannels(msgspec.Struct, frozen=True, kw_only=True):
    """Only what is true here is offered on the page."""

    phone: bool
    email: bool
    apple_wallet: bool
    google_wallet: bool
    line: bool
    store_qr: bool
    web_push: WebPushConfig | None


async def find_channels(conn: Connection, services: Services, program_id: ProgramId) -> CardChannels:
    kinds = await channels_of(conn, services.channels, program_id)
    rules = (await find_visit_rules(conn, [program_id])).get(program_id)
    has_class = bool(await find_google_classes(conn, [program_id]))
    return CardChannels(
        phone="sms" in kinds,
        email="email" in kinds,
        apple_wallet=services.apple_wallet is not None,
        google_wallet=services.google_wallet is not None and has_class,
        line=await find_channel(conn, program_id) is not None,
        store_qr=rules is not None and rules.by_store_qr,
        web_push=find_web_push(services.settings),
    )


def find_needs(services: Services) -> Needs:
    """What the page's policy allows besides: where the phone is, for a check-in; Firebase, where it is set up."""
    has_push = find_web_push(services.settings) is not None
    return Needs(geolocation=True, connect=FIREBASE_HOSTS if has_push else ())


def find_web_push(settings: Settings) -> WebPushConfig | None:
    return None if settings.fcm_web_config is None else _read_web_push(settings.fcm_web_config)


@cache
def _read_web_push(path: Path) -> WebPushConfig:
    return parse_web_config(path.read_bytes())

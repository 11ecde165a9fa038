"""What every route may use: settings, pool, keyring, the in-memory snapshot, outside services, throttles.

It knows no feature. What a feature runs in batches it declares itself, and `server.services` provides it.
"""

import asyncio

import msgspec

from cards.google_wallet import GoogleWallet
from kit.apart import Apart
from kit.batching import Batcher
from kit.database import Pool
from kit.sealing import Keyring
from kit.throttle import Throttle
from outbox.kinds import ChannelKind
from programs.tills_repository import Till
from server.runtime.app_check import AppChecker
from server.runtime.apple_wallet import AppleWallet
from server.runtime.leaving import Leaving
from server.runtime.line_login import LineLogin
from server.runtime.reports import Reports
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.runtime.store_places import StorePlaces
from server.settings import Settings
from server.web.tokens import TillKey


class Services(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    pool: Pool
    reports: Reports
    keyring: Keyring
    keeper: SnapshotKeeper
    leaving: Leaving
    # A till's key is looked at before each scan: those that come together are looked up together.
    authenticating: Batcher[TillKey, Till | None]
    # Guesses at one's own password with a session that may be stolen, and cards drawn from one address.
    password_throttle: Throttle
    enrol_throttle: Throttle
    # The same of browsers alone, and cards asked back by a cookie.
    browser_enrol_throttle: Throttle
    recovery_throttle: Throttle
    # Codes asked for from one address; what one contact and one member may get is counted in the database.
    verification_throttle: Throttle
    # New passwords asked for by e-mail, and tokens tried, from one network; an address is counted in the database too.
    reset_throttle: Throttle
    # Pairing codes tried from one network.
    pairing_throttle: Throttle
    # Codes from paper that one member, or one till, tries.
    paper_code_throttle: Throttle
    till_code_throttle: Throttle
    # Exports: what one member may have made, and how many are made at once, each on a connection of its own.
    export_throttle: Throttle
    export_slots: asyncio.Semaphore
    # How many audiences are counted at once: each looks at all members.
    count_slots: asyncio.Semaphore
    # What would hold the interpreter: heavy drawings, and whole chains.
    apart: Apart
    # What every program has; others come with an account of its own (`server.alerts.tell_contacts.channels_of`).
    channels: frozenset[ChannelKind]
    app_checker: AppChecker
    store_places: StorePlaces
    apple_wallet: AppleWallet | None
    google_wallet: GoogleWallet | None
    line_login: LineLogin

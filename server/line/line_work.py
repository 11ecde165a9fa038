"""What a worker needs for LINE."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from channels.line.api import LineApi
from kit.clock import utc_now
from kit.database import Pool
from kit.sealing import Keyring


class LineWork(msgspec.Struct, frozen=True, kw_only=True):
    """`api`: one client for the life of the process. `public_url`: where pictures of campaigns are loaded from."""

    pool: Pool
    keyring: Keyring
    api: LineApi
    public_url: str | None = None
    clock: Callable[[], datetime] = utc_now

"""Which channels an installation has."""

from pathlib import Path

import pytest

from channels.line.api import LineApi
from channels.line.channel import LineChannel
from channels.mail.smtp import SmtpChannel
from channels.messenger.channel import MessengerChannel
from channels.sink import SinkChannel
from kit.database import Pool
from kit.sealing import Keyring
from outbox.kinds import CHANNEL_KINDS
from server.runtime.channels import close_channels, open_channels
from server.settings import Settings
from tests.support.databases import SECRET_KEY

SMTP = {"smtp_url": "smtp://mail.internal", "smtp_sender": "noreply@kissa.example"}
# With credentials that each program brings.
OF_PROGRAMS = {"line": LineChannel, "messenger": MessengerChannel}
IN_THE_SINK = dict.fromkeys((kind for kind in CHANNEL_KINDS if kind != "push"), SinkChannel)


@pytest.mark.parametrize(
    ("has_sink", "smtp", "types"),
    [
        (False, {}, OF_PROGRAMS),
        (True, {}, IN_THE_SINK | OF_PROGRAMS),
        (True, SMTP, IN_THE_SINK | OF_PROGRAMS | {"email": SmtpChannel}),
        (False, SMTP, OF_PROGRAMS | {"email": SmtpChannel}),
    ],
)
async def test_what_has_no_channel_of_its_own_goes_to_the_sink(
    pool: Pool, tmp_path: Path, has_sink: bool, smtp: dict[str, str], types: dict[str, type]
) -> None:
    sink = tmp_path / "sink" if has_sink else None
    settings = Settings(database_url="", secret_key=SECRET_KEY, message_sink=sink, **smtp)  # type: ignore[arg-type]
    channels = open_channels(settings, pool, Keyring(SECRET_KEY), LineApi())
    assert {kind: type(channel) for kind, channel in channels.items()} == types
    await close_channels(channels)

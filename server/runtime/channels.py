"""The channels that an installation has, made from its settings. A new one has its line in `open_channels`.

What a program has of its own (a LINE account, a number) is no setting: such a channel reads it, by pool and keyring.
"""

from collections.abc import Mapping

import structlog

from channels.channel import Channel
from channels.line.api import LineApi
from channels.line.channel import LineChannel
from channels.mail.smtp import MailIdentity, SmtpChannel
from channels.mail.smtp_pool import SmtpPool
from channels.mail.smtp_server import parse_smtp_url
from channels.messenger.api import MessengerApi
from channels.messenger.channel import MessengerChannel
from channels.phone.lines import Lines
from channels.phone.sending import Desk
from channels.phone.sms import SmsChannel
from channels.phone.voice import VoiceChannel
from channels.sink import SinkChannel
from kit.database import Pool
from kit.sealing import Keyring
from outbox.kinds import CHANNEL_KINDS, ChannelKind
from server.runtime.mail_books import StoredMailBooks
from server.settings import Settings

log = structlog.get_logger()


def open_channels(settings: Settings, pool: Pool, keyring: Keyring, line: LineApi) -> dict[ChannelKind, Channel]:
    """What has no real channel goes to the sink, where there is one. None needs a connection before it sends.

    `line`: one client for the life of the process; it is closed with the channels.
    """
    channels: dict[ChannelKind, Channel] = {}
    if settings.message_sink is not None:
        sink = SinkChannel(settings.message_sink)
        channels = {kind: sink for kind in CHANNEL_KINDS if kind != "push"}
    if settings.public_url is not None:  # providers report there
        desk, lines = Desk(pool, keyring, settings.public_url), Lines()
        channels["sms"] = SmsChannel(desk, lines, channels.get("sms"))
        channels["voice"] = VoiceChannel(desk, lines, channels.get("voice"))
    if settings.smtp_url is not None and settings.smtp_sender is not None:
        identity = MailIdentity(settings.smtp_sender, settings.bounce_address, settings.public_url)
        mail_pool = SmtpPool(parse_smtp_url(settings.smtp_url))
        channels["email"] = SmtpChannel(mail_pool, identity, keyring, StoredMailBooks(pool))
    channels["line"] = LineChannel(pool, keyring, line)
    channels["messenger"] = MessengerChannel(pool, keyring, MessengerApi(settings.messenger_endpoint))
    return channels


def channels_of_all(settings: Settings) -> frozenset[ChannelKind]:
    """What every program has, without an account of its own."""
    if settings.message_sink is not None:
        return frozenset(kind for kind in CHANNEL_KINDS if kind != "push")
    return frozenset({"email"} if settings.smtp_url is not None else ())


async def close_channels(channels: Mapping[ChannelKind, Channel]) -> None:
    """No fault of one keeps another open."""
    for kind, channel in channels.items():
        try:
            await channel.close()
        except Exception as error:
            log.warning("channels.not_closed", channel=kind, error=type(error).__name__)

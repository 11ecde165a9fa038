"""The channels that an installation has, made from its settings."""

from pathlib import Path

from channels.channel import Channel
from channels.messages import ChannelKind
from channels.sink import SinkChannel
from channels.smtp import SmtpChannel, parse_smtp_url


def open_channels(smtp_url: str | None, smtp_sender: str | None, sink: Path | None) -> dict[ChannelKind, Channel]:
    """E-mail by SMTP where it is set; what has no real channel goes to the sink, where there is one."""
    channels: dict[ChannelKind, Channel] = {}
    if sink is not None:
        channels = {"sms": SinkChannel(sink), "email": SinkChannel(sink)}
    if smtp_url is not None and smtp_sender is not None:
        channels["email"] = SmtpChannel(parse_smtp_url(smtp_url), smtp_sender)
    return channels

"""Whether a campaign can use its channels: each has words, and the program has what it takes."""

from channels.line.line_channels_repository import find_channel
from channels.phone.phone_accounts_repository import find_telephone
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import SendMessage
from coupons.campaigns.triggers import TRIGGERS
from kit.database import Connection
from programs.mail_settings_repository import find_mail_settings
from server.messages.write_message import texts_of
from server.problems import Problem


async def check_channels(conn: Connection, campaign: Campaign) -> None:
    """Raises Problem, which names the field."""
    if len(set(campaign.channels)) < len(campaign.channels):
        raise Problem("invalid-request", "Name each channel once in channels.")
    if campaign.channels == ("push",):
        return
    if not TRIGGERS[campaign.trigger.kind].rings:
        raise Problem(
            "invalid-request",
            f"Leave out channels: with the trigger {campaign.trigger.kind} nothing is sent, since the member has the"
            " coupon in hand.",
        )
    _check_words(campaign)
    if "line" in campaign.channels and await find_channel(conn, campaign.program_id) is None:
        raise Problem(
            "invalid-request",
            "Connect your LINE official account first (PUT /v1/program/line), or leave line out of channels.",
        )
    if "email" in campaign.channels and await find_mail_settings(conn, campaign.program_id) is None:
        raise Problem(
            "invalid-request",
            "Say first who your e-mails are from (PUT /v1/program/mail), or leave email out of channels.",
        )
    await _check_phone(conn, campaign)


async def _check_phone(conn: Connection, campaign: Campaign) -> None:
    if not {"sms", "voice"} & set(campaign.channels):
        return
    phone = await find_telephone(conn, campaign.program_id)
    needed = (
        ("sms", phone is not None and phone.has_sms, "sms_route"),
        ("voice", phone is not None and phone.has_voice, "voice_sender"),
    )
    for channel, is_there, field in needed:
        if channel in campaign.channels and not is_there:
            raise Problem(
                "invalid-request",
                f"Set up your telephone first ({field} of PUT /v1/program/phone), or leave {channel} out of channels.",
            )


def _check_words(campaign: Campaign) -> None:
    for channel in campaign.channels:
        if channel == "push":
            continue
        if texts_of(campaign.messages, channel) is None:
            raise Problem("invalid-request", f"Give words in messages.{channel}, or leave {channel} out of channels.")
        for place, step in enumerate(campaign.follow_ups):
            if isinstance(step.action, SendMessage) and texts_of(step.action.messages, channel) is None:
                raise Problem(
                    "invalid-request",
                    f"Give words in follow_ups[{place}].action.messages.{channel} too, or leave {channel} out of"
                    " channels.",
                )

"""What stands below the words of each e-mail of a campaign, as the law of Japan wants it (特定電子メール法). Pure."""

import msgspec

from channels.mail.email_parts import Frame, FrameLine
from channels.messages import EmailMessage, MailOwner

# Whoever reads another language than these reads English.
_LINES = {
    "ja": ("送信者：{name}", "住所：{address}", "お問い合わせ：{contact}", "メールの配信を停止する"),
    "en": ("Sent by {name}", "{address}", "Questions and complaints: {contact}", "Unsubscribe from these e-mails"),
}


class MailSender(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for an e-mail: their name, where they are, and where questions go."""

    name: str
    postal_address: str
    contact: str


def make_frame(sender: MailSender, language: str, title: str, unsubscribe_url: str) -> Frame:
    """`language`: BCP 47, of the words."""
    name, address, contact, stop = _LINES["ja" if language.partition("-")[0] == "ja" else "en"]
    return Frame(
        language=language,
        title=title,
        below=(
            FrameLine(name.replace("{name}", _line(sender.name))),
            FrameLine(address.replace("{address}", _line(sender.postal_address))),
            FrameLine(contact.replace("{contact}", _line(sender.contact)), _contact_url(sender.contact)),
            FrameLine(stop, unsubscribe_url),
        ),
    )


def sign_campaign_mail(
    message: EmailMessage, sender: MailSender, owner: MailOwner, unsubscribe_url: str, *, is_counted: bool
) -> EmailMessage:
    """A campaign's e-mail with what the channel needs beside the words.

    `is_counted`: whether openings and clicks are counted, which needs the member's consent to profiling.
    """
    return msgspec.structs.replace(
        message, unsubscribe_url=unsubscribe_url, sender_name=_line(sender.name), owner=owner, is_counted=is_counted
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _contact_url(contact: str) -> str | None:
    if contact.startswith(("https://", "http://")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else None

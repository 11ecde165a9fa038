"""What a mail server is given: an e-mail as RFC 5322 and RFC 8058 want it. Pure.

Words of programs and members stand in headers. The standard library reads an encoded word (RFC 2047) in what it is
given, and writes what that says: `=?utf-8?q?=0ABcc:_…?=` became a line of its own. So no word of anybody's is one.
"""

import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from channels.messages import EmailMessage

# Words in base64 or quoted-printable: no relay on the way needs to know 8BITMIME, and no line is too long for one.
# Control characters, separators of lines and paragraphs, halves of surrogate pairs.
_UNSHOWN = frozenset({"Cc", "Zl", "Zp", "Cs"})
_POLICY = SMTP.clone(cte_type="7bit")


def write_mail(message: EmailMessage, *, sender: str, message_id: str, now: datetime) -> bytes:
    """`sender` is what stands as From, its name replaced by the message's where it has one. `message_id`: in brackets.

    Raises ValueError where the recipient's address would be read as something else.
    """
    if "=?" in message.recipient:
        raise ValueError("an address must not look like an encoded word")
    mail = MimeMessage(policy=_POLICY)
    name, address = parseaddr(sender)
    local, _, domain = address.rpartition("@")
    mail["From"] = Address(write_on_one_line(message.sender_name or name), local, domain)
    mail["To"] = quote_local_part(message.recipient)
    mail["Subject"] = write_on_one_line(message.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
    if message.unsubscribe_url is not None:
        # RFC 8058: the mailbox's own button, which posts without a question.
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail["Precedence"] = "bulk"
    mail.set_content(message.body)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    return mail.as_bytes()


def write_on_one_line(words: str) -> str:
    """The words as a header may hold them: whatever breaks a line or controls a terminal is a space."""
    shown = "".join(" " if unicodedata.category(each) in _UNSHOWN else each for each in words)
    return " ".join(shown.split()).replace("=?", "= ?")


def quote_local_part(address: str) -> str:
    """As RFC 5321 wants it (section 4.1.2) where dots stand as they may not: `"hana..sato"@docomo.ne.jp`."""
    local, _, domain = address.rpartition("@")
    return f'"{local}"@{domain}' if "" in local.split(".") else address

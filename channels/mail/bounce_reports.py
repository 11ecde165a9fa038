"""What mailboxes report: that an e-mail did not arrive (RFC 3464), or that its reader calls it spam (RFC 5965). Pure.

Reports are e-mails themselves, and anybody can send one. So nothing in them is believed but what we signed: the
Message-ID of the e-mail that comes back, or the address to which it was to come back (channels.mail.tokens).
"""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as MimeMessage
from email.policy import compat32
from email.utils import getaddresses
from typing import Literal

import msgspec

from channels.mail.tokens import MailOrigin, read_message_id, read_return_address
from kit.sealing import Keyring

# `bounced`: there is no such mailbox. `failed`: it did not take this one (it is full, or a filter refused it).
# `complained`: its reader does not want our e-mail.
ReportKind = Literal["bounced", "failed", "complained"]
MAX_BYTES = 1_000_000
# Bad addresses (RFC 3463, X.1.x), mailboxes that are disabled (2.1), domains that take no mail (RFC 7505: 5.1.10).
_NO_MAILBOX = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
# What a server says at once that there is no such mailbox: with no enhanced code, 550 to RCPT (RFC 5321, 4.2.3).
_UNKNOWN_AT_RCPT = frozenset({550, 551, 553})
_SPAM = frozenset({"abuse", "fraud", "virus", "opt-out"})


class MailReport(msgspec.Struct, frozen=True):
    kind: ReportKind
    origin: MailOrigin


def read_report(keyring: Keyring, raw: bytes) -> MailReport | None:
    """None where it is no report, or of no e-mail of ours; so is one that a mailbox only delays."""
    try:
        # Headers as they stand: of some that are malformed newer policies make an exception (`Message-ID: <>`).
        mail = message_from_bytes(raw[:MAX_BYTES], policy=compat32)
        return _read(keyring, mail)
    except (RecursionError, ValueError, LookupError):  # parts in parts in parts, a charset that there is not
        return None


def _read(keyring: Keyring, mail: MimeMessage) -> MailReport | None:
    if mail.get_content_type() != "multipart/report":
        return None
    parts = {part.get_content_type(): part for part in mail.walk()}
    kind: ReportKind | None = None
    if "message/feedback-report" in parts:
        kind = _read_feedback(parts["message/feedback-report"])
    elif "message/delivery-status" in parts:
        kind = _read_status(parts["message/delivery-status"])
    origin = None if kind is None else _find_origin(keyring, mail, list(parts.values()))
    return None if kind is None or origin is None else MailReport(kind, origin)


def judge_refusal(code: int, words: str) -> ReportKind:
    """What it means that a server refuses a recipient for good: the code, with the enhanced one (RFC 3463) before its
    words."""
    status = words.split(maxsplit=1)[0] if words[:2] == "5." else None
    if status is None:
        return "bounced" if code in _UNKNOWN_AT_RCPT else "failed"
    return "bounced" if status in _NO_MAILBOX else "failed"


def _read_status(part: MimeMessage) -> ReportKind | None:
    """Of several recipients the worst: we write to one at a time."""
    kinds = [kind for group in _groups_of(part) if (kind := _read_recipient(group)) is not None]
    return "bounced" if "bounced" in kinds else kinds[0] if kinds else None


def _read_recipient(group: MimeMessage) -> ReportKind | None:
    if str(group.get("Action", "")).strip().lower() != "failed":
        return None  # also the group of the whole report, which has no action
    status = str(group.get("Status", "")).split()
    return "bounced" if status and status[0] in _NO_MAILBOX else "failed"


def _read_feedback(part: MimeMessage) -> ReportKind | None:
    for group in _groups_of(part):
        if str(group.get("Feedback-Type", "")).strip().lower() in _SPAM:
            return "complained"
    return None


def _groups_of(part: MimeMessage) -> Iterator[MimeMessage]:
    """The standard library reads a delivery status into groups, and other reports as words."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (each for each in payload if isinstance(each, MimeMessage))
    elif isinstance(payload, str):
        yield message_from_bytes(payload.encode(errors="replace"), policy=compat32)


def _find_origin(keyring: Keyring, mail: MimeMessage, parts: list[MimeMessage]) -> MailOrigin | None:
    """By the e-mail that comes back, else by where the report was sent to."""
    for part in parts:
        for text in _message_ids(part):
            origin = read_message_id(keyring, text)
            if origin is not None:
                return origin
    headers = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
    sent_to = [address for header in headers for _, address in getaddresses(map(str, mail.get_all(header, [])))]
    return next((origin for each in sent_to if (origin := read_return_address(keyring, each)) is not None), None)


def _message_ids(part: MimeMessage) -> Iterator[str]:
    """Of an e-mail that is enclosed whole or by its headers."""
    if part.get_content_type() == "message/rfc822":
        enclosed = part.get_payload()
        for each in enclosed if isinstance(enclosed, list) else []:
            if isinstance(each, MimeMessage):
                yield str(each.get("Message-ID", ""))
    elif part.get_content_type() == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield str(message_from_bytes(content, policy=compat32).get("Message-ID", ""))

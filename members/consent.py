"""Consents: what a member agrees to, or no longer does. Each is an appended fact; the newest one counts. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

ConsentPurpose = Literal["location", "push", "email", "sms", "voice", "profiling"]


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A person's yes or no to one purpose, as it was recorded."""

    purpose: ConsentPurpose
    """What the consent is about."""
    granted: bool
    """False: declined or withdrawn."""
    text_version: str
    """The wording that the person saw."""
    source: Literal["app", "staff", "import", "mail", "phone"]
    """Who recorded it; `import`: it was brought along from before; `mail`: by the link in an e-mail;
    `phone`: by an answer to a text, or a key pressed in a call."""
    at: datetime
    """When it was recorded."""


def is_granted(consents: Sequence[Consent], purpose: ConsentPurpose) -> bool | None:
    """What the newest consent on the purpose says; None where there is none. `consents` are in order of time."""
    answers = [consent.granted for consent in consents if consent.purpose == purpose]
    return answers[-1] if answers else None

"""Consents: what a member agrees to, or no longer does. Each is an appended fact; the newest one counts. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

ConsentPurpose = Literal["location", "push", "email", "profiling"]


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """`text_version` names the wording that the person saw; `granted` false: they withdrew or declined."""

    purpose: ConsentPurpose
    granted: bool
    text_version: str
    source: Literal["app", "staff"]
    at: datetime


def is_granted(consents: Sequence[Consent], purpose: ConsentPurpose) -> bool | None:
    """What the newest consent on the purpose says; None where there is none. `consents` are in order of time."""
    answers = [consent.granted for consent in consents if consent.purpose == purpose]
    return answers[-1] if answers else None

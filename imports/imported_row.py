"""What a row of a file says of a member, read and judged by itself. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

# Location is asked for on the phone that is to be located, and nowhere else.
ImportedPurpose = Literal["email", "push", "sms", "voice", "profiling"]


class ImportedConsent(msgspec.Struct, frozen=True, gc=False):
    """`at` None: the day on which the member joined, else today."""

    purpose: ImportedPurpose
    granted: bool
    at: date | None


class ImportedPoints(msgspec.Struct, frozen=True, gc=False):
    """`expire_on`: the last day on which they can be spent; None: as if they had been earned today."""

    points: int
    expire_on: date | None


class ImportedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """None and what is not there: the row says nothing of it, and nothing changes.

    `standard` and `own` are attributes in the form in which a profile keeps them. `rank` is a rank's code. `tags` are
    all that the file knows of: none at all is said too.
    """

    number: str | None = None
    cards: Sequence[str] = ()
    phone: str | None = None
    email: str | None = None
    locale: str | None = None
    standard: Mapping[str, object] = msgspec.field(default_factory=dict)
    own: Mapping[str, object] = msgspec.field(default_factory=dict)
    consents: Sequence[ImportedConsent] = ()
    points: Sequence[ImportedPoints] | None = None
    rank: str | None = None
    rank_until: date | None = None
    stamps: int | None = None
    tags: Sequence[str] | None = None
    joined_on: date | None = None
    visits: int | None = None
    first_visit_on: date | None = None
    last_visit_on: date | None = None


class ReadRow(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True):
    """`row` None: refused, for the one reason in `remarks`. Else they say what of the row was left out."""

    line: int
    row: ImportedRow | None
    remarks: Sequence[str] = ()

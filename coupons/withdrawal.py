"""The withdrawal of a campaign: what is out of its coupons and unused can be used no more. Final. Values only."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from kit.languages import choose_language
from kit.locales import Locale


class Withdrawal(msgspec.Struct, frozen=True):
    """`reason`: why, as the shopper reads it."""

    at: datetime
    reason: Mapping[Locale, str]


_REASON = msgspec.json.Decoder(dict[Locale, str])


def read_withdrawal(withdrawn_at: datetime | None, reason: str) -> Withdrawal | None:
    """As the database has it."""
    return None if withdrawn_at is None else Withdrawal(withdrawn_at, _REASON.decode(reason))


def choose_reason(withdrawal: Withdrawal, language: str) -> str:
    """In the reader's language, or in the nearest that it was written in."""
    reasons: dict[str, str] = dict(withdrawal.reason.items())
    return reasons[choose_language(language, reasons)]

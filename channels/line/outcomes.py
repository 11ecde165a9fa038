"""What an answer of LINE's means for the message or call that got it. Pure.

https://developers.line.biz/en/reference/messaging-api/#status-codes, and "Retry API requests" of the same guide.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

# LINE tells its two 429 apart by their text only.
_MONTHLY = "monthly limit"
# LINE counts a month by the clock of Japan (https://developers.line.biz/en/docs/messaging-api/pricing/).
_JAPAN = ZoneInfo("Asia/Tokyo")


class LineFailure(Exception):
    """`reason` is a word for the record: never a text of LINE's, which may quote what it was sent."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class LineRefused(LineFailure):
    """For good: the same call will be refused again."""


class LineUserUnknown(LineRefused):
    """No friend of the official account, or none of this provider's."""


class LineQuotaSpent(LineRefused):
    """The month's messages are spent. Not before the next month, nor before the plan is changed."""


class LineTokenRefused(LineRefused):
    """The channel's access token is no longer good; the owner has to give a new one."""


class LineBusy(LineFailure):
    """Not now: too many at once, LINE's own fault, or no answer. With a retry key the same call is safe to repeat."""


class LineAnswer(msgspec.Struct, frozen=True):
    """What came back beside a success. `message` is LINE's own, for telling refusals apart only."""

    status: int
    message: str
    retry_after_s: float | None = None


def judge_failure(answer: LineAnswer, *, is_to_user: bool = False) -> LineFailure:
    """`is_to_user`: a message to one person, of whom LINE says by a 400 that it cannot reach them."""
    reason = f"line_{answer.status}"
    if answer.status == 429:
        if _MONTHLY in answer.message.lower():
            return LineQuotaSpent("line_monthly_limit")
        return LineBusy("line_rate", answer.retry_after_s)
    if answer.status >= 500 or answer.status == 408 or answer.status < 400:  # below 400: led elsewhere
        return LineBusy(reason, answer.retry_after_s)
    if answer.status == 401:
        return LineTokenRefused("line_token")
    if is_to_user and answer.status == 400 and answer.message.lower().startswith("failed to send messages"):
        return LineUserUnknown("line_unreachable")
    return LineRefused(reason)


def next_month(now: datetime) -> datetime:
    """When LINE begins to count anew."""
    here = now.astimezone(_JAPAN)
    first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1).astimezone(now.tzinfo)

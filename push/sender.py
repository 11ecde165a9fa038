"""What carries pushes away. `push.fcm` is the real one, `push.sink` the one for a server without a service account."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from push.messages import Push

# The provider was asked and did not answer in time: it may have accepted the push.
NO_ANSWER = "NO_ANSWER"

# It was not sent, since we were about to stop.
STOPPED = "STOPPED"
# It was not sent, since that would be more than FCM takes; `retry_after_s` says when there is room.
PACED = "PACED"


@dataclass(frozen=True)
class SendError:
    """Why a push was not accepted, as far as is known.

    `status` is the HTTP status, None where no answer came. `code` is FCM's errorCode, else Google's status
    ("UNAVAILABLE"), else NO_ANSWER, OAUTH_REFUSED, INVALID_MESSAGE (our bug) or UNKNOWN. `fields` are the message's
    fields that the answer names.
    """

    status: int | None
    code: str
    fields: tuple[str, ...] = ()
    retry_after_s: float | None = None


class SendResult(msgspec.Struct, frozen=True):
    """The provider's id of an accepted message, or the error."""

    message_id: str | None
    error: SendError | None = None


class Sender(Protocol):
    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        """Send all; one result for each, in their order. A push that fails is a result, not an exception.

        Those that are not on their way when `stop` is set are not sent: STOPPED.
        """
        ...

    async def close(self) -> None: ...

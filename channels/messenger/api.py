"""Meta's Send API for Messenger: one POST a message, and nothing repeated here, since it knows no idempotency key.

https://developers.facebook.com/docs/messenger-platform/reference/send-api. What its errors mean stands in
`judge_refusal`; the texts of them are never kept, for they may quote what was sent.
"""

from typing import Annotated

import httpx
import msgspec

from channels.bounded_post import post
from channels.channel import PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from kit import tracing

GRAPH_ENDPOINT = "https://graph.facebook.com"
VERSION = "v24.0"
TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0

# Codes of Meta's errors ("Error codes" of the Messenger Platform).
_RATE = frozenset({4, 17, 32, 613, 80006})
_FOR_NOW = frozenset({1, 2, 1200})
_TOKEN, _UNAVAILABLE = 190, 551
_OUTSIDE_THE_WINDOW = frozenset({2018278, 2534022})

Failure = PermanentDeliveryError | TransientDeliveryError | UnknownDeliveryError


class MetaError(msgspec.Struct):
    """What Meta says of a refusal."""

    code: int = 0
    error_subcode: int = 0
    is_transient: bool = False


class _Refusal(msgspec.Struct):
    error: MetaError


class _Accepted(msgspec.Struct):
    message_id: Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,200}(?!\n)$")]


class MessengerApi:
    """One client for the life of a process, opened with the first message. `endpoint`: a double in place of Meta's."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._url = f"{(endpoint or GRAPH_ENDPOINT).rstrip('/')}/{VERSION}"
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def send(self, page_id: str, access_token: str, user_id: str, text: str) -> str:
        """Meta's id of the message. Raises PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S))
        body = {"recipient": {"id": user_id}, "messaging_type": "RESPONSE", "message": {"text": text}}
        try:
            with tracing.calling("messenger", "POST") as call:
                answer = await post(
                    self._client,
                    f"{self._url}/{page_id}/messages",
                    within_s=TIMEOUT_S,
                    json=body,
                    headers={"Authorization": f"Bearer {access_token}", **call.headers},
                )
                call.answered(answer.status)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:  # nothing was sent
            raise TransientDeliveryError(f"messenger_{type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise UnknownDeliveryError(f"messenger_{type(error).__name__}") from None
        if not answer.is_success:
            raise judge_refusal(answer.status, _read_error(answer.body))
        message_id = _read_id(answer.body)
        if message_id is None:  # none of Meta's: a gateway in front of it has spoken
            raise UnknownDeliveryError("messenger_unreadable")
        return message_id


def judge_refusal(status: int, error: MetaError | None) -> Failure:
    """`error` None: an answer that is none of Meta's own, such as a gateway's in front of it."""
    if error is None and status >= 500:
        return UnknownDeliveryError(f"messenger_{status}")
    if error is None and status < 400:  # led elsewhere, which an operator can mend
        return TransientDeliveryError("messenger_redirected")
    if error is None:
        return PermanentDeliveryError(f"messenger_{status}")
    if error.error_subcode in _OUTSIDE_THE_WINDOW:
        return PermanentDeliveryError("messenger_window")
    if error.code in _RATE or status == 429:
        return TransientDeliveryError("messenger_rate")
    if error.code == _TOKEN:  # the owner's to mend; the message may still go then
        return TransientDeliveryError("messenger_token")
    if error.code in _FOR_NOW or error.is_transient:
        return TransientDeliveryError(f"messenger_{error.code}")
    return PermanentDeliveryError("messenger_unavailable" if error.code == _UNAVAILABLE else f"messenger_{error.code}")


def _read_error(body: bytes) -> MetaError | None:
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _read_id(body: bytes) -> str | None:
    try:
        return msgspec.json.decode(body, type=_Accepted).message_id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

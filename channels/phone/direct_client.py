"""SMS over plain HTTP: one request, one answer (docs/phone.md). For domestic routes, whose providers differ.

As with the dialect, each request has a connection of its own, and what may have been taken is told apart from what was
not.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec

from channels.bounded_post import Answered, post
from channels.channel import PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.phone.account import PhoneAccount
from channels.phone.outcomes import judge_answer, read_provider_id
from kit.clock import utc_now
from kit.retry import read_retry_after

_WITHIN_S = 20.0
_TIMEOUT = httpx.Timeout(_WITHIN_S, connect=5.0)
# What a refusal may say; all else is judged by its status.
FINAL_CODES = frozenset({"opted_out", "landline", "number_unusable", "unreachable", "blocked", "too_long"})


class _Taken(msgspec.Struct):
    message_id: Any = None


class _Refused(msgspec.Struct):
    code: str | None = None


class DirectClient:
    """For all programs of a process."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, limits=limits, follow_redirects=False, trust_env=False)

    async def send_sms(
        self, account: PhoneAccount, message_id: UUID, recipient: str, body: str, report_url: str, expires_at: datetime
    ) -> str | None:
        """The provider's id. Raises as `channels.channel.Channel.send` does."""
        request = {
            "id": str(message_id),
            "to": recipient,
            "from": account.direct_sender,
            "text": body,
            "report_url": report_url,
            "expires_at": expires_at.isoformat(),
        }
        headers = {"Authorization": f"Bearer {account.credentials.direct_key}"}
        try:
            answer = await post(self._http, account.direct_url or "", within_s=_WITHIN_S, json=request, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TransientDeliveryError(f"unreachable_{type(error).__name__}") from None
        except httpx.TransportError as error:
            raise UnknownDeliveryError(f"no_answer_{type(error).__name__}") from None
        if not answer.is_success:
            raise _judge(answer)
        if not answer.body.strip():
            return None
        taken = _read(answer.body, _Taken)
        if taken is None:  # a page of something between us: nobody knows what became of the text
            raise UnknownDeliveryError("unreadable")
        return read_provider_id(taken.message_id)

    async def close(self) -> None:
        await self._http.aclose()


def _judge(answer: Answered) -> Exception:
    refused = _read(answer.body, _Refused)
    if answer.status < 500 and refused is not None and refused.code in FINAL_CODES:
        return PermanentDeliveryError(refused.code or "")
    verdict = judge_answer(answer.status, None)
    if verdict.fate == "permanent":
        return PermanentDeliveryError(verdict.reason)
    if verdict.fate == "unknown":
        return UnknownDeliveryError(verdict.reason)
    return TransientDeliveryError(verdict.reason, read_retry_after(answer.headers.get("Retry-After"), utc_now()))


def _read(body: bytes, asked: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=asked)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

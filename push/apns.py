"""APNs over HTTP/2, by the pass type's certificate: tells phones that a pass has changed, with an empty payload."""

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec

from kit import tracing
from kit.clock import utc_now
from kit.retry import read_retry_after
from push.apns_outcomes import ApnsAnswer

APNS_ENDPOINT = "https://api.push.apple.com"
CONCURRENCY = 100
TIMEOUT_S = 10.0


class _Refusal(msgspec.Struct):
    reason: str = ""


class ApnsSender:
    """One connection for all of them. Close it in the loop that it sent in."""

    def __init__(self, certificate: Path, key: Path, topic: str, *, endpoint: str | None = None) -> None:
        """`topic` is the pass type. Raises OSError (ssl.SSLError too) for files that cannot be loaded."""
        context = ssl.create_default_context()
        context.load_cert_chain(certificate, key)
        self._client = httpx.AsyncClient(
            base_url=endpoint or APNS_ENDPOINT,
            headers={"apns-topic": topic},
            http1=False,
            http2=True,
            timeout=TIMEOUT_S,
            trust_env=False,  # proxies seldom speak HTTP/2
            verify=context,
        )
        self._places = asyncio.Semaphore(CONCURRENCY)

    async def send(self, push_tokens: Sequence[str]) -> list[ApnsAnswer]:
        """An answer each, in order."""
        return await asyncio.gather(*(self._send(token) for token in push_tokens))

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(self, push_token: str) -> ApnsAnswer:
        async with self._places:
            try:
                with tracing.calling("apns", "POST") as call:
                    path = f"/3/device/{push_token}"
                    response = await self._client.post(path, content=b"{}", headers=call.headers)
                    call.answered(response.status_code)
            # On uvloop a connection that is reset at once raises AttributeError (findings/httpx-uvloop-reset.sh).
            except (httpx.HTTPError, AttributeError) as error:
                return ApnsAnswer(0, type(error).__name__)
        wait_s = read_retry_after(response.headers.get("retry-after"), utc_now())
        return ApnsAnswer(response.status_code, _read_reason(response), wait_s)


def _read_reason(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Refusal).reason if response.content else ""
    except msgspec.DecodeError:
        return ""

"""Who a LIFF or MINI App says that somebody is: its ID token, checked at LINE.

https://developers.line.biz/en/reference/line-login/#verify-id-token. A profile that an app sends proves nothing:
anybody can write one.
"""

import httpx
import msgspec
import structlog

from channels.bounded_post import post
from kit import tracing
from server.problems import Problem

LINE_ENDPOINT = "https://api.line.me"
TIMEOUT_S = 5.0
MAX_TOKEN_LENGTH = 4096

log = structlog.get_logger()


class _Claims(msgspec.Struct):
    sub: str
    aud: str


class LineLogin:
    """Its client is opened with the first token that is checked. `endpoint`: a double in place of LINE's."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._url = (endpoint or LINE_ENDPOINT).rstrip("/") + "/oauth2/v2.1/verify"
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def verify(self, id_token: str, login_channel_id: str) -> str:
        """The LINE user id. Raises Problem where LINE does not say whose the token is, or does not answer."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S)
        form = {"id_token": id_token, "client_id": login_channel_id}
        try:
            with tracing.calling("line", "POST") as call:
                answer = await post(self._client, self._url, within_s=TIMEOUT_S, data=form, headers=dict(call.headers))
                call.answered(answer.status)
        except httpx.HTTPError as error:
            log.warning("line.login_unreachable", error=type(error).__name__)
            raise _unavailable() from None
        if answer.status == 400:
            raise Problem("line-id-token-refused", "Get a new ID token from the LIFF or MINI App of this program.")
        if answer.status != 200:
            log.warning("line.login_failed", status=answer.status)
            raise _unavailable()
        return _read_user(answer.body, login_channel_id)


def _read_user(body: bytes, login_channel_id: str) -> str:
    try:
        claims = msgspec.json.decode(body, type=_Claims)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unavailable() from None
    if claims.aud != login_channel_id or not claims.sub:
        raise Problem("line-id-token-refused", "Get a new ID token from the LIFF or MINI App of this program.")
    return claims.sub


def _unavailable() -> Problem:
    return Problem("unavailable", "LINE does not answer as it should now; try again.", retry_after_s=5)

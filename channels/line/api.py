"""LINE's Messaging API through its SDK: the only file that imports it.

One client for the life of a process serves all programs: each call names its own access token. The SDK's client opens
its session when it is made, waits 300 s where no time-out is named, and is closed by `close` only.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec
import structlog

from channels.line.line_channels_repository import ChannelCheck
from channels.line.outcomes import LineAnswer, LineBusy, LineFailure, LineRefused, judge_failure
from kit import tracing
from kit.clock import utc_now
from kit.retry import read_retry_after

TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
CONNECTIONS = 50

Json = dict[str, Any]

log = structlog.get_logger()


class LineApi:
    """`endpoint`: a double in place of LINE's; also for pictures, which are at another host of theirs."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = endpoint
        self._opened: _Opened | None = None

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.client.close()
            self._opened = None

    async def push(self, token: str, user_id: str, messages: Sequence[Json], retry_key: str) -> str | None:
        """LINE's id of the request that was accepted: the first with this key. Raises LineFailure.

        An answer that says that it was accepted before is one.
        """
        request = {"to": user_id, "messages": list(messages)}
        try:
            answer = await self._call(
                lambda api, of_call: api.messaging.push_message_with_http_info(
                    api.models.PushMessageRequest.from_dict(request), retry_key, **of_call
                ),
                token,
                is_to_user=True,
            )
        except _AcceptedBefore as before:
            return before.request_id
        request_id = answer.headers.get("x-line-request-id")
        if request_id is None:  # LINE names one in every answer; this is something else's
            raise LineBusy("line_unreadable")
        return cast("str", request_id)

    async def reply(self, token: str, reply_token: str, messages: Sequence[Json]) -> None:
        """Free of charge, once, within about a minute. Raises LineFailure."""
        request = {"replyToken": reply_token, "messages": list(messages)}
        await self._call(
            lambda api, of_call: api.messaging.reply_message_with_http_info(
                api.models.ReplyMessageRequest.from_dict(request), **of_call
            ),
            token,
        )

    async def issue_link_token(self, token: str, user_id: str) -> str:
        """Good for ten minutes, once. Raises LineFailure."""
        answer = await self._call(
            lambda api, of_call: api.messaging.issue_link_token_with_http_info(user_id, **of_call), token
        )
        return cast("str", _data(answer).link_token)

    async def check(self, token: str) -> ChannelCheck:
        """Whose channel the token is, and how much of the month is left. Raises LineFailure."""
        bot = await self._call(lambda api, of_call: api.messaging.get_bot_info_with_http_info(**of_call), token)
        quota = await self._call(lambda api, of_call: api.messaging.get_message_quota_with_http_info(**of_call), token)
        used = await self._call(
            lambda api, of_call: api.messaging.get_message_quota_consumption_with_http_info(**of_call), token
        )
        return ChannelCheck(
            bot_user_id=_data(bot).user_id,
            monthly_limit=_data(quota).value if _data(quota).type == "limited" else None,
            sent_this_month=_data(used).total_usage,
        )

    async def publish_menu(self, token: str, menu: Json, picture: bytes, media_type: str) -> str:
        """A rich menu with its picture; returns LINE's id of it. Raises LineFailure."""
        created = await self._call(
            lambda api, of_call: api.messaging.create_rich_menu_with_http_info(
                api.models.RichMenuRequest.from_dict(menu), **of_call
            ),
            token,
        )
        menu_id = cast("str", _data(created).rich_menu_id)
        await self._call(
            lambda api, of_call: api.pictures.set_rich_menu_image_with_http_info(
                # Without a type the SDK takes the bytes for JSON.
                menu_id,
                picture,
                **of_call | {"_headers": of_call["_headers"] | {"Content-Type": media_type}},
            ),
            token,
        )
        return menu_id

    async def show_to_all(self, token: str, menu_id: str | None) -> None:
        """To everybody who has no menu of their own; None: nothing. Raises LineFailure."""
        if menu_id is None:
            await self._call(
                lambda api, of_call: api.messaging.cancel_default_rich_menu_with_http_info(**of_call), token
            )
            return
        await self._call(
            lambda api, of_call: api.messaging.set_default_rich_menu_with_http_info(menu_id, **of_call), token
        )

    async def show_to_user(self, token: str, user_id: str, menu_id: str | None) -> None:
        """None: what everybody sees. Raises LineFailure."""
        if menu_id is None:
            await self._call(
                lambda api, of_call: api.messaging.unlink_rich_menu_id_from_user_with_http_info(user_id, **of_call),
                token,
            )
            return
        await self._call(
            lambda api, of_call: api.messaging.link_rich_menu_id_to_user_with_http_info(user_id, menu_id, **of_call),
            token,
        )

    async def delete_menu(self, token: str, menu_id: str) -> None:
        """Raises LineFailure."""
        await self._call(lambda api, of_call: api.messaging.delete_rich_menu_with_http_info(menu_id, **of_call), token)

    async def _call(
        self, send: Callable[["_Opened", Json], Awaitable[Any]], token: str, *, is_to_user: bool = False
    ) -> Any:
        """What the SDK made of the answer; None where LINE accepted it with words that the SDK cannot read."""
        if self._opened is None:
            self._opened = _open(self._endpoint)
        opened = self._opened
        authentication = {"type": "bearer", "in": "header", "key": "Authorization", "value": f"Bearer {token}"}
        of_call = {"_request_auth": authentication, "_request_timeout": opened.timeout}
        try:
            with tracing.calling("line", "POST") as call:
                answer = await send(opened, of_call | {"_headers": dict(call.headers)})
                call.answered(answer.status_code)
            return answer
        except opened.failed as error:
            raise _judge(error, is_to_user=is_to_user) from None
        except (opened.broken, TimeoutError, OSError) as error:
            raise LineBusy(f"line_{type(error).__name__}") from None
        except ValueError as error:  # pydantic's
            log.warning("line.unreadable_answer", error=type(error).__name__)
            if is_to_user:  # it may be a gateway's: with its retry key the same push is asked about again
                raise LineBusy("line_unreadable") from None
            return None


class _Opened(msgspec.Struct):
    client: Any
    messaging: Any
    pictures: Any
    models: Any
    failed: type[Exception]
    broken: type[Exception]
    timeout: Any


class _NotLedAstray:
    """The SDK's session, following no redirect: a push must not become a GET elsewhere whose 200 counts for its own."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, **call: Any) -> Any:
        return await self._session.request(**call, allow_redirects=False)

    async def close(self) -> None:
        await self._session.close()


class _AcceptedBefore(LineFailure):
    def __init__(self, request_id: str | None) -> None:
        super().__init__("line_409")
        self.request_id = request_id


def _open(endpoint: str | None) -> _Opened:
    # Both take seconds and 70 MB to import, and most installations have no LINE channel.
    import aiohttp  # noqa: PLC0415 - see above
    from linebot.v3 import messaging  # noqa: PLC0415 - see above

    # The token of the configuration is overruled by that of each call, and the SDK wants one.
    configuration = messaging.Configuration(host=endpoint, access_token="of-the-call")
    configuration.connection_pool_maxsize = CONNECTIONS
    client = messaging.AsyncApiClient(configuration)
    client.rest_client.pool_manager = _NotLedAstray(client.rest_client.pool_manager)
    return _Opened(
        client=client,
        messaging=messaging.AsyncMessagingApi(client),
        pictures=messaging.AsyncMessagingApiBlob(client),
        models=messaging,
        failed=messaging.ApiException,
        broken=aiohttp.ClientError,
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
    )


def _judge(error: Any, *, is_to_user: bool) -> LineFailure:
    headers = error.headers or {}
    if error.status == 409:
        return _AcceptedBefore(headers.get("x-line-accepted-request-id"))
    return judge_failure(
        LineAnswer(error.status, _message_of(error.body), read_retry_after(headers.get("retry-after"), utc_now())),
        is_to_user=is_to_user,
    )


def _message_of(body: object) -> str:
    try:
        return msgspec.json.decode(body if isinstance(body, str | bytes) else b"", type=_Refusal).message
    except msgspec.DecodeError:
        return ""


class _Refusal(msgspec.Struct):
    message: str = ""


def _data(answer: Any) -> Any:
    """Raises LineFailure where LINE's answer said nothing that can be used."""
    if answer is None or answer.data is None:
        raise LineRefused("line_unreadable")
    return answer.data

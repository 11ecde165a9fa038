from structlog.testing import capture_logs

from push.messages import Push
from push.sink import SinkSender


async def test_the_sink_shows_what_would_go_and_no_token() -> None:
    push = Push(
        token="secret-token",
        token_kind="fid",
        title="Rain",
        body="today only",
        locale="ja",
        data={"kind": "coupon", "coupon_id": "c-1"},
        tag="c",
        ttl_s=60,
    )
    with capture_logs() as logs:
        [result] = await SinkSender().send([push])
    assert result.message_id is not None
    [entry] = logs
    assert (entry["title"], entry["locale"], entry["data_keys"]) == ("Rain", "ja", ["coupon_id", "kind"])
    assert "secret-token" not in str(logs)

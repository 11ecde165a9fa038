"""What is built for FCM, held against its own discovery document, which lists every field that it knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.fcm_messages import encode_message, write_message
from push.messages import MAX_TTL_S, Push

SCHEMAS: dict[str, Any] = msgspec.json.decode(Path(__file__).with_name("fcm_discovery.json").read_bytes())["schemas"]
PUSH = Push(
    token="phone-1",
    token_kind="registration",
    title="暖簾",
    body="10 % 引き",
    locale="ja",
    data={"coupon_id": "c-1"},
    tag="coupon-1",
    ttl_s=600,
)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "array": list,
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    schema = SCHEMAS[schema["$ref"]] if "$ref" in schema else schema
    if schema["type"] != "any" and not isinstance(value, _TYPES[schema["type"]]):
        yield f"{path} is no {schema['type']}"
        return
    # The SDK writes "high" where the document lists HIGH; FCM takes both.
    if "enum" in schema and value.upper() not in schema["enum"]:
        yield f"{path} is none of {schema['enum']}"
    if schema["type"] == "array":
        for place, each in enumerate(value):
            yield from faults(each, schema["items"], f"{path}[{place}]")
    if schema["type"] == "object":
        for name, each in value.items():
            known = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if known is None:
                yield f"{path}.{name} is unknown"
            else:
                yield from faults(each, known, f"{path}.{name}")


words = st.text(max_size=40)


@given(
    push=st.builds(
        Push,
        token=st.text(min_size=1, max_size=20),
        token_kind=st.sampled_from(["registration", "fid"]),
        title=words,
        body=words,
        locale=st.just("ja"),
        data=st.dictionaries(words, words, max_size=5),
        tag=st.text(min_size=1, max_size=16),
        ttl_s=st.integers(0, MAX_TTL_S),
        image_path=st.none() | st.just("/v1/pictures/p.jpg"),
        is_web=st.booleans(),
    ),
    public_url=st.none() | st.just("https://noren.example"),
)
def test_every_message_is_one_that_fcm_knows(push: Push, public_url: str | None) -> None:
    message = encode_message(write_message(push, public_url))
    assert list(faults(message, {"$ref": "Message"}, "message")) == []
    assert sum(name in message for name in ("token", "fid", "topic", "condition")) == 1
    assert not {"android", "androidV2"} <= set(message)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ({"tokens": "x"}, "message.tokens is unknown"),
        ({"data": {"n": 1}}, "message.data.n is no string"),
        ({"android": {"priority": "urgent"}}, "message.android.priority is none of"),
        ({"android": {"notification": {"tags": "x"}}}, "message.android.notification.tags is unknown"),
    ],
)
def test_the_check_finds_what_fcm_does_not_know(message: dict[str, Any], fault: str) -> None:
    assert [found for found in faults(message, {"$ref": "Message"}, "message") if found.startswith(fault)]


def test_a_token_stands_under_its_kind() -> None:
    assert encode_message(write_message(PUSH, None))["token"] == "phone-1"
    by_id = encode_message(write_message(msgspec.structs.replace(PUSH, token_kind="fid"), None))
    assert (by_id["fid"], by_id.get("token")) == ("phone-1", None)


def test_a_browser_gets_web_push_and_a_click_opens_the_campaigns_page() -> None:
    page = "https://kissa.example/coupons/1"
    message = encode_message(write_message(msgspec.structs.replace(PUSH, is_web=True, data={"link": page}), None))
    assert message["webpush"] == {
        "headers": {"TTL": "600", "Urgency": "high"},
        "notification": {"tag": "coupon-1"},
        "fcm_options": {"link": page},
    }
    assert not {"android", "apns"} & set(message)
    into_the_app = msgspec.structs.replace(PUSH, is_web=True, data={"link": "kissa://coupons/1"})
    assert "fcm_options" not in encode_message(write_message(into_the_app, None))["webpush"]

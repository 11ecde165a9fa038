"""Flex messages stay within LINE's limits, whatever the staff have written; LINE's own SDK reads them."""

import msgspec
import pytest

from channels.line.flex import (
    MAX_ALT_TEXT,
    MAX_BUBBLE_BYTES,
    MAX_BUBBLES,
    MAX_CAROUSEL_BYTES,
    CardFace,
    CouponFace,
    build_card,
    build_coupon,
    build_coupons,
)
from channels.line.texts import ask_to_unlink, invite, read_postback, read_text, say, write_postback

COUPON = CouponFace(
    title="珈琲一杯",
    body="ブレンドを一杯どうぞ。",
    terms="おひとり様一回限り",
    until="2026/12/01 9:00",
    uses_left=2,
    picture_url="https://noren.example/v1/pictures/a.png",
    open_url="https://app.kissa.example/line?coupon=1",
)
HUGE = "👩‍🍳珈琲\n" * 5000


def texts_of(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == "text" else []
        return own + [text for each in part.values() for text in texts_of(each)]
    return [text for each in part for text in texts_of(each)] if isinstance(part, list) else []


def check(message: dict[str, object]) -> dict[str, object]:
    """Every text has something in it, and LINE's SDK makes the same of it (beside defaults that it writes out)."""
    from linebot.v3.messaging.models import FlexMessage  # noqa: PLC0415 - a second, for one process of several

    assert message["type"] == "flex"
    assert 1 <= len(str(message["altText"]).encode("utf-16-le")) // 2 <= MAX_ALT_TEXT
    assert all(text.strip() for text in texts_of(message))
    assert is_within(message, FlexMessage.from_dict(message).to_dict())
    return message


def is_within(ours: object, theirs: object) -> bool:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(name in theirs and is_within(value, theirs[name]) for name, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(is_within, ours, theirs))
    return ours == theirs


def test_a_coupon() -> None:
    message = check(build_coupon(COUPON, "ja"))
    contents = msgspec.json.encode(message["contents"]).decode()
    assert message["altText"] == "珈琲一杯 ブレンドを一杯どうぞ。"
    words = [
        "有効期限 2026/12/01 9:00",
        "あと2回使えます",
        "おひとり様一回限り",
        "クーポンを使う",
        str(COUPON.open_url),
    ]
    assert [word for word in words if word not in contents] == []
    plain = msgspec.structs.replace(COUPON, picture_url="http://inside/a.png", open_url=None, terms=None, uses_left=1)
    bare = check(build_coupon(plain, "en"))["contents"]
    assert isinstance(bare, dict)
    assert set(bare) == {"type", "body"}
    assert len(texts_of(bare)) == 3


def test_the_card() -> None:
    shown = texts_of(build_card(CardFace(number="2901234567894", balance=12345, rank="ゴールド"), "ja", "Kissa Sakura"))
    assert shown == ["Kissa Sakura", "会員番号", "2901234567894", "ポイント", "12,345", "ランク", "ゴールド"]
    check(build_card(CardFace(number="1", balance=None, rank=None, open_url="https://x"), "en", HUGE))


@pytest.mark.parametrize("text", [HUGE, "", " ", "a" * 500, "\ud800", "{until}{program}"])
def test_texts_of_any_length(text: str) -> None:
    face = msgspec.structs.replace(COUPON, title=text, body=text, terms=text, open_url="https://" + "a" * 2000)
    message = build_coupon(face, "ja")
    if text != "\ud800":  # the API takes no such text
        assert len(msgspec.json.encode(check(message)["contents"])) <= MAX_BUBBLE_BYTES
    assert "https://aaa" not in str(message)


@pytest.mark.parametrize("count", [1, 2, MAX_BUBBLES, 40])
def test_a_carousel_holds_what_line_takes(count: int) -> None:
    full = msgspec.structs.replace(COUPON, title=HUGE, body=HUGE, terms=HUGE, open_url="https://" + "a" * 900)
    for face in (COUPON, full):
        contents = check(build_coupons([face] * count, "ja", HUGE))["contents"]
        assert isinstance(contents, dict)
        assert len(msgspec.json.encode(contents)) <= MAX_CAROUSEL_BYTES
        bubbles = contents.get("contents", [contents])
        assert 1 <= len(bubbles) <= MAX_BUBBLES
        assert face is full or len(bubbles) == min(count, MAX_BUBBLES)
    assert build_coupons([], "en", "Kissa") == {"type": "text", "text": "You have no coupon to use now."}


def test_what_people_write_and_press() -> None:
    assert [read_text(text) for text in (" 連携 ", "Link", "連携解除", "会員証", "COUPONS", "何時までですか", "")] == [
        "link", "link", "unlink", "card", "coupons", None, None,
    ]  # fmt: skip
    assert read_postback(write_postback("unlink-confirmed")) == "unlink-confirmed"
    assert read_postback("unlink-confirmed") is None


def test_a_long_name_leaves_room_for_the_sentence() -> None:
    for message in (invite("ja", "喫" * 200, "https://x"), ask_to_unlink("ja", "喫" * 200)):
        text = message["template"]["text"]
        assert len(text) <= 160
        assert text.endswith("。")
    assert say("linked", "en", "{program}\n x")["text"].endswith("{program} x.")

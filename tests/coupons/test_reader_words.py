"""What is known of a reader, as each language says it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coupons.offers import OfferText
from coupons.reader_words import (
    Field,
    Fillable,
    LabelledValue,
    ReaderWords,
    clean,
    say,
    say_duration,
    say_moment,
)

TEAMS = [{"ja": "虎", "en": "Tigers"}, {"ja": "鯉", "en": "Carp"}]
WORDS = ReaderWords(
    program="のれん",
    store="銀座店",
    offer={"ja": OfferText("珈琲", "{store}で一杯"), "en": OfferText("Coffee", "A cup at {store}")},
    issued_at=datetime(2026, 11, 28, 3, tzinfo=UTC),
    expires_at=datetime(2026, 11, 30, 14, 59, tzinfo=UTC),
    zone=ZoneInfo("Asia/Tokyo"),
    link="https://card.example/1",
    points=1250,
    values={
        "name": "佐藤\n{points}\u202e花子",
        "attributes.team": LabelledValue(TEAMS),  # type: ignore[arg-type]
        "attributes.since": date(2020, 4, 1),
        "attributes.visits": 12345.5,
        "attributes.has_dog": True,
    },
)
NAMES = (
    "program", "store", "offer.title", "offer.body", "expires", "link", "points", "name", "attributes.team",
    "attributes.since", "attributes.visits", "attributes.has_dog", "nickname",
)  # fmt: skip


def test_in_japanese() -> None:
    said = say(WORDS, "ja", NAMES)
    assert said.texts == {
        "program": "のれん",
        "store": "銀座店",
        "offer.title": "珈琲",
        "offer.body": "銀座店で一杯",
        "expires": "11月30日(月) 23:59",
        "link": "https://card.example/1",
        "points": "1,250",
        "name": "佐藤 {points}花子",
        "attributes.team": "虎、鯉",
        "attributes.since": "2020年4月1日",
        "attributes.visits": "12,345.5",
        "attributes.has_dog": "✓",
    }
    assert said.numbers == {"points": 1250, "attributes.visits": 12345.5}


def test_in_other_languages() -> None:
    said = say(WORDS, "en", NAMES).texts
    assert (said["expires"], said["attributes.team"]) == ("Mon, Nov 30, 23:59", "Tigers and Carp")
    german = say(WORDS, "de", NAMES).texts
    assert (german["points"], german["attributes.team"]) == ("1.250", "Tigers und Carp")


def test_long_names_are_cut_where_there_is_little_room_and_offers_are_not() -> None:
    words = msgspec.structs.replace(WORDS, values={"name": "あ" * 100}, store="い" * 100)
    said = say(words, "ja", ["name", "store", "offer.body", "link"], 60).texts
    assert said["name"] == "あ" * 59 + "…"
    assert said["store"] == "い" * 59 + "…"
    assert said["offer.body"] == "い" * 59 + "…で一杯"
    assert said["link"] == WORDS.link


@pytest.mark.parametrize(
    ("duration", "ja", "en"),
    [
        (timedelta(days=7), "7日", "7 days"),
        (timedelta(days=1), "1日", "1 day"),
        (timedelta(hours=36), "36時間", "36 hours"),
        (timedelta(minutes=90), "90分", "90 minutes"),
        (timedelta(seconds=59), "0分", "0 minutes"),
        (timedelta(seconds=-1), "0分", "0 minutes"),
    ],
)
def test_durations(duration: timedelta, ja: str, en: str) -> None:
    assert (say_duration(duration, "ja"), say_duration(duration, "en")) == (ja, en)


def test_another_year_is_said_and_the_clock_is_the_readers() -> None:
    moment = datetime(2027, 1, 1, 4, 30, tzinfo=UTC)
    now = datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert say_moment(moment, now, ZoneInfo("Asia/Tokyo"), "ja") == "2027年1月1日(金) 13:30"
    assert say_moment(moment, now, ZoneInfo("America/New_York"), "en") == "Thu, Dec 31, 23:30"


def test_what_steers_is_taken_out() -> None:
    assert clean("a\r\nBcc: b\x00\x1b[31m\u202ec\u2066") == "a Bcc: b [31mc"
    assert clean("👨‍👩‍👧") == "👨‍👩‍👧", "what joins a family is not taken out of it"


@pytest.mark.parametrize("language", ["ja", "en", "ko", "ar"])
def test_nothing_is_said_longer_than_the_longest(language: str) -> None:
    fields = [
        Field(name="name", kind="text", max_length=100),
        Field(name="attributes.team", kind="choice", labels=TEAMS, is_many=True),  # type: ignore[arg-type]
        Field(name="attributes.since", kind="date"),
        Field(name="attributes.visits", kind="number"),
        Field(name="attributes.has_dog", kind="flag"),
    ]
    fillable = Fillable(
        has_store=True, has_points=True, has_link=True, max_name_length=200, offers=[WORDS.offer], fields=fields
    )
    longest = fillable.longest(language, WORDS.link, None)
    asked = [name for name in NAMES if name not in {"attributes.has_dog", "nickname"}]
    for name, text in say(WORDS, language, asked).texts.items():
        assert len(text.encode()) <= len(longest[name].encode()), name
    assert set(fillable.known()) <= set(longest)

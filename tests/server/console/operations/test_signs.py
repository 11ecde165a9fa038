"""What an owner is told of the signs of a running system."""

from datetime import UTC, datetime, timedelta

import pytest

from kit.locales import LOCALES
from server.console.operations.health_words import HEALTH_WORDS
from server.console.operations.signs import Signs, judge
from server.faces.words import in_language
from server.web.readiness import Part

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
LATE = NOW - timedelta(minutes=9)
PARTS: tuple[Part, ...] = ("database", "schema", "key", "catalogue", "shutdown")


def test_all_is_fine_where_nothing_is_amiss() -> None:
    assert all(each.is_fine for each in judge(Signs(now=NOW)))
    busy = Signs(
        now=NOW,
        due_since={"push": NOW - timedelta(seconds=5), "email": NOW + timedelta(hours=1)},
        turned_away={"push": 0},
        given_up={"email": 3},
        slowest_ms=40.0,
        import_since=NOW - timedelta(seconds=20),
        quota_used=5,
        quota=6,
        money_spent=799,
        money_cap=1000,
    )
    assert all(each.is_fine for each in judge(busy))


@pytest.mark.parametrize(
    ("part", "signs", "word"),
    [
        ("sending", Signs(now=NOW, due_since={"push": LATE, "sms": NOW}), "sending_late"),
        ("providers", Signs(now=NOW, turned_away={"email": 4}), "providers_away"),
        ("given_up", Signs(now=NOW, given_up={"email": 6, "sms": 6}), "given_up_many"),
        ("phones", Signs(now=NOW, slowest_ms=2500.0), "phones_slow"),
        ("import", Signs(now=NOW, import_since=LATE), "import_waits"),
        ("quota", Signs(now=NOW, quota_used=6, quota=6), "quota_used_up"),
        ("money", Signs(now=NOW, money_spent=800, money_cap=1000), "money_low"),
    ],
    ids=lambda each: each if isinstance(each, str) else "signs",
)
def test_one_part_is_to_be_looked_at(part: str, signs: Signs, word: str) -> None:
    amiss = [each for each in judge(signs) if not each.is_fine]
    assert [(each.part, each.word) for each in amiss] == [(part, word)]


def test_a_late_channel_is_named_with_its_minutes() -> None:
    (late,) = [each for each in judge(Signs(now=NOW, due_since={"push": LATE, "sms": NOW})) if not each.is_fine]
    assert (late.channels, late.figure) == (["push"], 9)


def test_each_failing_part_of_the_server_has_its_sentence_in_both_languages() -> None:
    amiss = [each for each in judge(Signs(now=NOW, failing=PARTS)) if each.part == "server"]
    assert [each.word for each in amiss] == [f"server_{part}" for part in PARTS]
    for locale in LOCALES:
        words = in_language(locale, HEALTH_WORDS)
        assert len({words[each.word] for each in amiss}) == len(PARTS)

"""Every outcome and every absence has its sentences in both languages, and each is filled with what the rule read."""

import re
from datetime import UTC, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coupons.issuing.decision import KEPT_DAYS
from coupons.issuing.rules import Decision
from ids import StoreId
from kit.ids import new_id
from push.governor import DropReason
from server.explanations.absence import (
    Circumstances,
    PersonFacts,
    SeenEvent,
    StateSpan,
    StoreFacts,
    find_absences,
)
from server.explanations.absence_sentences import ABSENCES, Absence
from server.explanations.messages import DROPS, FATES, Fate, Receipts, tell_message
from server.explanations.sentences import OUTCOMES, Pair, fill, words_of
from tests.support.campaigns import CAMPAIGN, NOON

TOKYO = ZoneInfo("Asia/Tokyo")
HERE, THERE = StoreId(new_id()), StoreId(new_id())
JAPANESE = re.compile("[ぁ-んァ-ン一-龠]")


def words_in(decision: object) -> set[str]:
    """A literal of literals is flat."""
    return {str(word) for word in get_args(decision)}


def test_every_outcome_has_its_sentences() -> None:
    assert set(OUTCOMES) == words_in(Decision)
    assert set(ABSENCES) == words_in(Absence)
    outcomes = [(str(word), pair) for word, pair in OUTCOMES.items()]
    absences = [(str(word), pair) for word, pair in ABSENCES.items()]
    for word, pair in outcomes + absences:
        texts = [pair.why, *([] if pair.change is None else [pair.change])]
        assert (pair.change is None) == (word == "issued")
        for text in texts:
            assert set(text) == {"en", "ja"}
            assert JAPANESE.search(text["ja"])
            assert not JAPANESE.search(text["en"])
            assert set(re.findall(r"{\w+}", text["en"])) == set(re.findall(r"{\w+}", text["ja"]))


def test_every_fate_of_a_message_has_its_sentence() -> None:
    assert set(FATES) == words_in(Fate)
    assert set(DROPS) == words_in(DropReason)
    for texts in (*FATES.values(), *DROPS.values()):
        assert JAPANESE.search(texts["ja"])
        assert not JAPANESE.search(texts["en"])


def test_what_became_of_a_message() -> None:
    def message(state: str, failure: str | None = None) -> tuple[str, str | None, str]:
        told = tell_message(
            "email", state, failure, NOON + timedelta(hours=9), NOON if state == "sent" else None, TOKYO
        )
        return told.state, told.reason, told.told["en"]

    assert message("retryable") == ("waiting", None, "Its e-mail is on its way.")
    assert message("sent") == ("sent", None, "Its e-mail was sent at 2026-05-01 12:00.")
    deferred = "Its e-mail waits for the end of quiet hours, until 2026-05-01 21:00."
    assert message("deferred", "quiet_hours") == ("deferred", None, deferred)
    dropped = "It came without a message: the member had been sent the day's messages already."
    assert message("dropped", "day_cap") == ("dropped", "day_cap", dropped)
    assert message("failed", "UNREGISTERED")[0] == "failed"
    heard = Receipts(displayed_at=NOON + timedelta(minutes=3), opened_at=NOON + timedelta(minutes=9))
    seen = tell_message("push", "sent", None, NOON, NOON, TOKYO, heard)
    assert (seen.displayed_at, seen.delivered_at) == (NOON + timedelta(minutes=3), None)
    assert seen.told == {
        "en": "Its push was sent at 2026-05-01 12:00. It was displayed at 2026-05-01 12:03. It was opened at"
        " 2026-05-01 12:09.",
        "ja": "プッシュ通知を2026-05-01 12:00に送信しました。2026-05-01 12:03に端末に表示されました。"
        "2026-05-01 12:09に開封されました。",
    }


def told(pair: Pair, **inputs: object) -> tuple[str, str]:
    filled = fill(pair, words_of(inputs, TOKYO))
    return filled.why["en"], filled.why["ja"]


def test_a_sentence_tells_what_the_rule_read() -> None:
    assert told(OUTCOMES["store_closed"], local_time="22:10")[0].startswith("It was 22:10, and the store was closed")
    old = told(OUTCOMES["too_old"], age_s=7300, max_event_age_s=900)
    assert re.search("2 hours after.* 15 minutes", old[0])
    assert re.search("2時間後.*15分", old[1])
    assert "2026-05-01 12:00" in told(OUTCOMES["before_start"], starts_at=NOON.isoformat())[0]
    assert "(low)" in told(OUTCOMES["trust_too_low"], trust=1, min_trust=5)[0]
    capped = told(OUTCOMES["cap_reached"], cap="store_day", limit=20)
    assert capped == ("A cap of the campaign had been reached: the cap of a store and day (20).",
                      "発行上限に達していました：店舗ごとの1日の上限（20枚）。")  # fmt: skip
    assert "…" in told(OUTCOMES["cooling_down"])[1]


A_DAY = timedelta(days=1)
SEEN_HERE = SeenEvent("enter", HERE, NOON)
PERSON = PersonFacts(
    state="active", created_at=NOON - 9 * A_DAY, location_consent=True, has_device=True, last_fix_at=NOON
)
PAUSED = StateSpan("paused", NOON, None)
PAUSED_BEFORE = StateSpan("paused", NOON - 9 * A_DAY, NOON - 3 * A_DAY)
STORE = StoreFacts(HERE, NOON - 99 * A_DAY, None, True)


@pytest.mark.parametrize(
    ("expected", "campaign", "changes"),
    [
        (["in_the_future"], {}, {"now": NOON - 9 * A_DAY}),
        (["not_kept"], {}, {"now": NOON + (KEPT_DAYS + 2) * A_DAY}),
        (["not_written_yet"], {"created_at": NOON + 2 * A_DAY}, {}),
        (["not_started"], {}, {"states": [StateSpan("draft", NOON - 9 * A_DAY, None)]}),
        (["paused"], {"state": "paused"}, {"states": [PAUSED]}),
        (["ended"], {}, {"states": [StateSpan("ended", NOON - 2 * A_DAY, None), PAUSED]}),
        # It runs now, and was paused then; and the other way round.
        (["paused"], {}, {"states": [StateSpan("paused", NOON - 9 * A_DAY, NOON + A_DAY)]}),
        (["nothing_happened"], {"state": "paused"}, {"states": [StateSpan("running", NOON - 9 * A_DAY, None)]}),
        (["off_for_a_while"], {}, {"states": [PAUSED, StateSpan("running", NOON - 9 * A_DAY, NOON)]}),
        (["nothing_happened"], {}, {"states": [StateSpan("running", NOON - 3 * A_DAY, None), PAUSED_BEFORE]}),
        (["before_start"], {"starts_at": NOON + 2 * A_DAY}, {}),
        (["after_end"], {"ends_at": NOON - A_DAY}, {}),
        (["other_store"], {"store_ids": frozenset([THERE])}, {"store": STORE}),
        (["store_closed_for_good"], {}, {"store": StoreFacts(HERE, NOON - A_DAY, NOON, True)}),
        (["store_not_open_yet"], {}, {"store": StoreFacts(HERE, NOON + 2 * A_DAY, None, True)}),
        (["no_geofence"], {}, {"store": StoreFacts(HERE, NOON - A_DAY, None, False)}),
        (["joined_later"], {}, {"person": {"created_at": NOON + 2 * A_DAY}}),
        (["member_blocked"], {}, {"person": {"state": "blocked"}}),
        (["member_left"], {}, {"person": {"state": "closed"}}),
        (["no_location_consent"], {}, {"person": {"location_consent": False}}),
        (["no_device"], {}, {"person": {"has_device": False}}),
        (["no_location"], {}, {"person": {"last_fix_at": None}}),
        (["no_location_then"], {}, {"person": {"last_fix_at": NOON - 3 * A_DAY}}),
        (["came_elsewhere"], {"store_ids": frozenset([THERE])}, {"seen": [SEEN_HERE]}),
        (["something_else_happened"], {}, {"seen": [SeenEvent("exit", HERE, NOON)]}),
        (["nothing_happened"], {}, {}),
        (["paused", "after_end"], {"ends_at": NOON - A_DAY}, {"states": [PAUSED]}),
    ],
)
def test_what_stood_in_the_way(expected: list[str], campaign: dict[str, object], changes: dict[str, object]) -> None:
    person = changes.pop("person", {})
    assert isinstance(person, dict)
    known = Circumstances(
        campaign=msgspec.structs.replace(
            CAMPAIGN, **{"starts_at": NOON - 9 * A_DAY, "created_at": NOON - 9 * A_DAY, "ends_at": None} | campaign
        ),
        now=NOON + A_DAY,
        from_at=NOON - A_DAY,
        to_at=NOON + A_DAY,
        states=[],
        store=None,
        person=msgspec.structs.replace(PERSON, **person),
        seen=[],
    )
    found = find_absences(msgspec.structs.replace(known, **changes))
    assert [each.code for each in found] == expected


def test_moments_are_told_by_the_zone() -> None:
    assert words_of({"last_fix_at": NOON}, UTC)["en"] == {"last_fix_at": "2026-05-01 03:00"}

"""What a provider's answers and reports mean."""

from itertools import permutations

import pytest

from channels.phone.outcomes import (
    SendState,
    judge_answer,
    read_call_status,
    read_sms_status,
    reason_of,
    states_before,
)


@pytest.mark.parametrize(
    ("status", "code", "fate", "reason"),
    [
        (400, 21610, "permanent", "opted_out"),
        (400, 21614, "permanent", "landline"),
        (400, 21211, "permanent", "number_unusable"),
        (400, 21606, "transient", "sender_or_account"),
        (400, 99999, "permanent", "http_400"),
        (400, None, "permanent", "http_400"),
        (401, 20003, "transient", "credentials"),
        (403, None, "transient", "credentials"),
        (404, 20404, "transient", "sender_or_account"),
        (408, None, "unknown", "http_408"),
        (429, 20429, "transient", "rate"),
        (429, None, "transient", "rate"),
        # Behind the door somebody may have taken it, whatever code stands in the body.
        (500, 20500, "unknown", "http_500"),
        (500, 21610, "unknown", "http_500"),
        (502, None, "unknown", "http_502"),
        (504, None, "unknown", "http_504"),
        (503, None, "transient", "unavailable"),
        (302, None, "transient", "redirected"),
    ],
)
def test_an_answer_is_judged(status: int, code: int | None, fate: str, reason: str) -> None:
    verdict = judge_answer(status, code)
    assert (verdict.fate, verdict.reason) == (fate, reason)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(None, None), (0, None), (30003, "unreachable"), (30006, "landline"), (30007, "filtered"), (12345, "code_12345")],
)
def test_the_error_of_a_report_has_a_word(code: int | None, reason: str | None) -> None:
    assert reason_of(code) == reason


@pytest.mark.parametrize(
    ("status", "answered_by", "state"),
    [
        ("ringing", None, "accepted"),
        ("in-progress", "human", "accepted"),
        ("completed", None, "answered"),
        ("completed", "human", "answered"),
        ("completed", "unknown", "answered"),
        ("completed", "machine_end_beep", "machine"),
        ("completed", "machine_start", "machine"),
        ("completed", "fax", "machine"),
        ("busy", None, "busy"),
        ("no-answer", None, "no_answer"),
        ("canceled", None, "failed"),
        ("teleported", None, None),
    ],
)
def test_the_status_of_a_call_is_read(status: str, answered_by: str | None, state: str | None) -> None:
    assert read_call_status(status, answered_by) == state


def test_reports_in_any_order_and_twice_end_where_they_end_in_their_order() -> None:
    reports: list[SendState] = [state for each in ("queued", "sent", "delivered") if (state := read_sms_status(each))]
    for order in permutations(reports * 2):
        held: SendState = "unknown"
        for reported in order:
            if held in states_before(reported):
                held = reported
        assert held == "delivered", order


def test_what_is_final_stays_but_for_a_nine() -> None:
    assert "delivered" not in states_before("failed")
    assert "failed" not in states_before("delivered")
    assert "answered" in states_before("opted_out")
    assert "opted_out" not in states_before("answered")

"""Kleene's logic of true, false and unknown (None). Pure. SQL's own AND, OR and NOT are the same with NULL."""

from collections.abc import Iterable
from typing import TypeAlias

Verdict: TypeAlias = bool | None


def all_true(verdicts: Iterable[Verdict]) -> Verdict:
    result: Verdict = True
    for each in verdicts:
        if each is False:
            return False
        if each is None:
            result = None
    return result


def any_true(verdicts: Iterable[Verdict]) -> Verdict:
    result: Verdict = False
    for each in verdicts:
        if each is True:
            return True
        if each is None:
            result = None
    return result


def negate(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict

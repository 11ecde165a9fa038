"""What a campaign's form shows: what stands in it or was typed, what is wrong with it, and what it does not write."""

from collections.abc import Mapping, Sequence

import msgspec

from kit.locales import LOCALES, Locale
from server.console.campaigns.fault_words import FAULTS
from server.console.campaigns.faults import WHOLE, fault_of
from server.console.campaigns.form_parts import Json
from server.console.campaigns.typed import Fault, Fields
from server.problems import Problem

# Refusals that are said on the page instead of on one of their own.
SAID_ON_PAGE = frozenset({400, 403, 409, 422})


class FormView(msgspec.Struct, frozen=True):
    """`faults`: by field, as sentences."""

    fields: Fields
    faults: Mapping[str, str] = {}

    def one(self, name: str) -> str:
        values = self.fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> Sequence[str]:
        return self.fields.get(name, ())

    def fault(self, name: str) -> str | None:
        return self.faults.get(name)

    @property
    def whole(self) -> str | None:
        return self.faults.get(WHOLE)

    def rows(self, prefix: str) -> list[int]:
        """Numbers of the rows that are shown of a list, such as hours_0_start."""
        found = {name.removeprefix(prefix).partition("_")[0] for name in self.fields if name.startswith(prefix)}
        return sorted(int(each) for each in found if each.isdigit() and len(each) < 3)


def say_faults(faults: Mapping[str, Fault], locale: Locale) -> dict[str, str]:
    return {field: say_fault(fault, locale) for field, fault in faults.items()}


def say_fault(fault: Fault, locale: Locale) -> str:
    texts = FAULTS[f"fault_{fault.word}"]
    return texts[0 if locale == "ja" else 1].format(**{"least": "", "most": "", "text": "", "known": ""} | fault.values)


def say_problem(problem: Problem, locale: Locale) -> dict[str, str]:
    fault = fault_of(problem.detail) or Fault(WHOLE, "other", text=problem.detail)
    return {fault.field: say_fault(fault, locale)}


def list_kept(body: Json) -> list[str]:
    """The names of the words of what stands in a body and the form does not write: it stays as it is."""
    conditions = body["conditions"] or {}
    messages = body["messages"]
    languages = set(body["offer"]).union(*(texts for texts in messages.values() if isinstance(texts, dict)))
    kept = {
        "kept_steps": body["follow_ups"],
        "kept_languages": languages - {*LOCALES, *_NO_LANGUAGES},
        "kept_conditions": any(conditions.get(name) for name in _CONDITIONS),
        "kept_look": messages.get("push_look") or messages.get("messenger"),
        "kept_speed": body["trigger"].get("speed", _AT_ONCE) != _AT_ONCE,
        "kept_age": body["max_event_age_s"] != _USUAL_AGE_S,
    }
    return [name for name, there in kept.items() if there]


_CONDITIONS = ("usable_from", "hours", "store_ids", "ranks", "usable_offline")
_AT_ONCE = {"kind": "now"}
_USUAL_AGE_S = 900
# What stands in `push_look` is no text by language.
_NO_LANGUAGES = frozenset({"android_channel", "thread_id", "interruption_level", "badge", "expires_after_s"})

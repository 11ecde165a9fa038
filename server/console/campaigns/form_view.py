"""What a campaign's form shows: what stands in it or was typed, what is wrong with it, and what it does not write."""

from collections.abc import Mapping, Sequence

import msgspec

from kit.locales import Locale
from server.console.campaigns.fault_words import FAULTS
from server.console.campaigns.faults import WHOLE, fault_of
from server.console.campaigns.form_parts import Json
from server.console.campaigns.typed import Fault, Fields, Typed
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
        return Typed(self.fields).rows(prefix)


def binds_use(view: FormView) -> bool:
    """Whether anything is said of when, where and by whom a coupon can be used, or is wrong with it."""
    told = ("use_from", "use_store", "use_rank", "usable_offline")
    hours = (f"use_hours_{place}_{part}" for place in view.rows("use_hours_") for part in ("weekdays", "start", "end"))
    names = [*told, *hours]
    return view.one("use_where") in ("some", "kept") or any(view.one(name) or view.fault(name) for name in names)


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
    messages = body["messages"]
    kept = {
        "kept_look": messages.get("push_look") or messages.get("messenger"),
        "kept_speed": body["trigger"].get("speed", _AT_ONCE) != _AT_ONCE,
        "kept_age": body["max_event_age_s"] != _USUAL_AGE_S,
    }
    return [name for name, there in kept.items() if there]


_AT_ONCE = {"kind": "now"}
_USUAL_AGE_S = 900

"""The part of a campaign's form that holds its follow-up steps, each a row. No I/O.

A row says which step it was shown for (`was`), so that what it does not write of it stays: words in languages that the
form does not show, and those for Messenger.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2s

import msgspec

from server.console.campaigns.form_message_parts import PARTS_OF, languages_of, languages_typed, read_texts, show_texts
from server.console.campaigns.form_parts import Json, Shown
from server.console.campaigns.typed import Fault, Typed, shown

# Of the push, whose words each message has.
PUSH_PARTS = PARTS_OF["push"]
OTHER_PARTS: Mapping[str, tuple[str, ...]] = {name: parts for name, parts in PARTS_OF.items() if name != "push"}
_HOURS = {"h": 1, "d": 24}


def show_steps(body: Json) -> Shown:
    rows: Shown = {}
    languages = languages_of(body)
    for place, step in enumerate(body["follow_ups"]):
        rows |= _show_step(f"step_{place}", step, languages)
    return rows


def _show_step(name: str, step: Json, languages: Sequence[str]) -> Shown:
    action, hours = step["action"], step["after_hours"]
    unit = "h" if hours % 24 else "d"
    row = shown(
        {
            f"{name}_was": _mark(step),
            f"{name}_after": hours // _HOURS[unit],
            f"{name}_after_unit": unit,
            f"{name}_when": step["when"],
            f"{name}_do": action["kind"],
            f"{name}_campaign": action.get("campaign_id"),
        }
    )
    if action["kind"] == "offer":
        return row
    row |= show_texts(name, PUSH_PARTS, action["text"], languages)
    for channel, parts in OTHER_PARTS.items():
        row |= show_texts(f"{name}_{channel}", parts, action["messages"].get(channel) or {}, languages)
    return row


def _mark(step: Json) -> str:
    return blake2s(msgspec.json.encode(step, order="deterministic"), digest_size=8).hexdigest()


def read_steps(typed: Typed, before: Json) -> Json:
    known = {_mark(step): step for step in before["follow_ups"]}
    languages = languages_typed(typed)
    return {"follow_ups": [_read_step(typed, f"step_{place}", known, languages) for place in typed.rows("step_")]}


def _read_step(typed: Typed, name: str, known: Mapping[str, Json], languages: Sequence[str]) -> Json:
    after = typed.needed_number(f"{name}_after")
    step: Json = {"after_hours": after * _HOURS.get(typed.one(f"{name}_after_unit", "d"), 24)}
    step["when"] = typed.one(f"{name}_when")
    former = known.get(typed.one(f"{name}_was"), {}).get("action", {})
    if typed.one(f"{name}_do", "message") == "offer":
        campaign_id = typed.id(f"{name}_campaign")
        if campaign_id is None:
            raise Fault(f"{name}_campaign", "missing")
        return step | {"action": {"kind": "offer", "campaign_id": campaign_id}}
    messages = dict(former.get("messages", {}))
    for channel, parts in OTHER_PARTS.items():
        texts = read_texts(typed, f"{name}_{channel}", parts, messages.pop(channel, None) or {}, languages)
        if texts:
            messages[channel] = texts
    text = read_texts(typed, name, PUSH_PARTS, former.get("text", {}), languages)
    if not text:
        raise Fault(f"{name}_ja_title", "missing")
    return step | {"action": {"kind": "message", "text": text, "messages": messages}}

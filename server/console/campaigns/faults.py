"""From what the API says of a campaign's body to the field of the form and a sentence for managers. Pure.

The API's sentences name its own fields. Each is found again by its beginning; one that is not known here is shown as it
is, above the form.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.console.campaigns.typed import Fault

WHOLE = "form"
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_LEAST = re.compile(r"Expected `(\w+)` (?:of length )?>= (\S+)")
_MOST = re.compile(r"Expected `(\w+)` (?:of length )?<= (\S+)")

_STEP_FIELDS = {"after_hours": "after", "when": "when"}
# Of a body's path without places the field of the form.
_FIELDS: Mapping[str, str] = {
    "coupon_valid_days": "valid_days",
    "coupon_valid_s": "valid_span",
    "coupon_valid_until": "valid_until",
    "cooldown_s": "cooldown",
    "fallback_within_minutes": "fallback_minutes",
    "messages.link": "link",
    "offer": "offer_ja_title",
    "quiet_hours.start": "quiet_start",
    "quiet_hours.end": "quiet_end",
    "conditions.min_spend": "min_spend",
    "conditions.item_codes": "item_codes",
    "conditions.categories": "categories",
    "conditions.group": "company_group",
    "conditions.company": "company",
    "conditions.usable_from": "use_from",
    "conditions.store_ids": "use_store",
    "conditions.ranks": "use_rank",
    "conditions.usable_offline": "usable_offline",
    "follow_ups": "steps",
    "trigger.rule": "trigger_repeat",
    "trigger.campaign_id": "trigger_campaign",
    "trigger.kind": "trigger",
    "channels": "channel_1",
    "store_ids": "store",
    "store_groups": "group",
    "audience_id": "audience",
}


def place_fault(message: str, body: Mapping[str, Any]) -> Fault:
    """Of what msgspec says: a sentence with ` - at `$.path``."""
    what, _, at = message.partition(" - at `")
    steps = [name or place for name, place in _STEP.findall(at.rstrip("`").removeprefix("$"))]
    return _sentence(field_at(steps, body), what)


def field_at(steps: Sequence[str], body: Mapping[str, Any]) -> str:
    if steps[:1] == ["hours"] and len(steps) > 1:
        return f"hours_{steps[1]}_{steps[2] if len(steps) > 2 else 'start'}"
    if steps[:2] == ["conditions", "hours"] and len(steps) > 2:
        return f"use_hours_{steps[2]}_{steps[3] if len(steps) > 3 else 'start'}"
    if steps[:1] == ["follow_ups"] and len(steps) > 1:
        return _field_of_step(f"step_{steps[1]}", steps[2:], body["follow_ups"][int(steps[1])])
    path = ".".join(step for step in steps if step != "..." and not step.isdigit())
    if steps[:1] == ["offer"] and len(steps) > 1:
        return _in_language("offer", steps[-1], body["offer"])
    if steps[:1] == ["messages"] and len(steps) > 2:
        return _in_language(steps[1], steps[-1], body["messages"].get(steps[1], {}))
    if path in _FIELDS:
        return _FIELDS[path]
    if steps[:1] in (["trigger"], ["benefit"]) and len(steps) > 1:
        return f"{steps[0]}_{steps[1]}"
    return steps[0] if steps else WHOLE


def _field_of_step(name: str, steps: Sequence[str], step: Mapping[str, Any]) -> str:
    if steps[:1] != ["action"]:
        return f"{name}_{_STEP_FIELDS.get(steps[0], steps[0]) if steps else 'when'}"
    if steps[1:2] == ["text"] and len(steps) > 2:
        return _in_language(name, steps[-1], step["action"]["text"])
    if steps[1:2] == ["messages"] and len(steps) > 3:
        return _in_language(f"{name}_{steps[2]}", steps[-1], step["action"]["messages"].get(steps[2], {}))
    return f"{name}_do"


def _in_language(of: str, part: str, texts: Mapping[str, Any]) -> str:
    """msgspec does not say in which language: in the one that has nothing there, else in which it is the longest."""
    found = {tag: (text.get(part) or "") for tag, text in texts.items()}
    empty = [tag for tag, text in found.items() if not text]
    tag = empty[0] if empty else max(found, key=lambda each: len(found[each]), default="ja")
    return f"{of}_{tag}_{part}"


def _sentence(field: str, what: str) -> Fault:
    if least := _LEAST.match(what):
        return Fault(field, "missing" if least[1] in ("str", "object", "array") else "too_small", least=least[2])
    if most := _MOST.match(what):
        return Fault(field, _TOO_MUCH.get(most[1], "too_large"), most=most[2])
    if what.startswith("Object missing required field"):
        return Fault(field, "missing")
    return Fault(field, "hidden_marks" if field == "name" else "bad_form")


_TOO_MUCH = {"str": "too_long", "array": "too_many", "object": "too_many"}

# What the flows of campaigns say, by how it begins: the field, and its sentence.
_SAID: Sequence[tuple[str, str, str]] = (
    (r"Name your stores in store_ids: only an owner writes", "where", "own_stores_only"),
    (r"Name your stores in store_ids: only an owner names", "group", "groups_by_owner"),
    (r"Ask an owner of the program to name you manager", "store", "not_your_store"),
    (r"Name in store_ids only stores", "store", "closed_store"),
    (r"Name in store_groups only groups", "group", "empty_group"),
    (r"Give (starts_at|ends_at|coupon_valid_until) in the years", r"\1", "far_moment"),
    (r"Give (ends_at|coupon_valid_until) later than starts_at", r"\1", "before_start"),
    (r"Leave out frequency, every_days and cooldown_s", "frequency", "each_event_once"),
    (r"Leave out frequency and cooldown_s, or give the frequency rolling", "frequency", "rolling_only"),
    (r"Give every_days with", "every_days", "missing"),
    (r"Leave out cooldown_s", "cooldown", "no_second_coupon"),
    (r"Give trigger\.first_at with a day that there is", "trigger_first_at", "not_a_moment"),
    (r"trigger\.rule:", "trigger_repeat", "bad_repeat"),
    (r"Give trigger\.rule an end", "ends_at", "needs_end"),
    (r"Leave out trigger\.speed", "trigger_clock", "own_clock_at_once"),
    (r"Write a campaign for the stores of each time zone", "trigger_clock", "several_zones"),
    (r"Name in trigger\.campaign_id", "trigger_campaign", "other_campaign"),
    (r"Name in trigger\.rank", "trigger_rank", "unknown_rank"),
    (r"Leave trigger as follow_up", "trigger", "stays_follow_up"),
    (r"Name an audience of your program", "audience", "unknown_choice"),
    (r".*attribute .* was removed", "audience", "audience_outdated"),
    (r"Name in conditions\.item_codes or conditions\.categories which", "item_codes", "which_items"),
    (r"Give conditions\.group where", "company_group", "which_group"),
    (r"Give conditions\.usable_from earlier", "use_from", "before_usable"),
    (r"Name in conditions\.store_ids", "use_store", "coupon_stores"),
    (r"Leave out conditions\.usable_offline", "usable_offline", "not_offline"),
    (r"Name in conditions\.ranks", "use_rank", "unknown_rank"),
    (r"Name in benefit\.stamp_card", "benefit_stamp_card", "unknown_card"),
    (r"Set the program's point rules first", "benefit", "no_points"),
    (r"Name each channel once", "channel_2", "channel_twice"),
    (r"Leave out channels: with the trigger", "channel_1", "nothing_sent"),
    (r"Leave out messages\.(\w+): with the trigger", r"\1_ja_{part}", "nothing_sent"),
    (r"Leave out follow_ups\[(\d+)\]\.action\.messages\.(\w+): with", r"step_\1_\2_ja_{part}", "nothing_sent"),
    (r"Give words in messages\.(\w+), or leave", r"\1_ja_{part}", "words_missing"),
    (r"Give words in follow_ups\[(\d+)\]\.action\.messages\.(\w+) too", r"step_\1_\2_ja_{part}", "words_missing"),
    (r"Connect your LINE", "channel_1", "no_line"),
    (r"Say first who your e-mails are from", "channel_1", "no_mail"),
    (r"Set up your telephone first", "channel_1", "no_phone"),
    (r"Give messages\.link", "link", "link_needed"),
    (r"Give follow_ups\[(\d+)\]", r"step_\1_after", "late_reminder"),
    (r"Offer another campaign in follow_ups\[(\d+)\]", r"step_\1_campaign", "step_is_a_loop"),
    (
        r"Name in follow_ups\[(\d+)\]\.action\.campaign_id a campaign that has not ended",
        r"step_\1_campaign",
        "step_has_ended",
    ),
    (r"Name in follow_ups\[(\d+)\]", r"step_\1_campaign", "step_is_no_follow_up"),
    (r"Leave out (cap|store_cap|day_cap|store_day_cap), or write", r"\1", "cap_not_now"),
    (r"Give a (cap|store_cap|day_cap|store_day_cap), or write", r"\1", "cap_stays"),
    (r"Give a cap of at least", "cap", "cap_too_small"),
    (r"Ask an owner to change this campaign", WHOLE, "owners_campaign"),
    (r"Write a new campaign: this one has ended", WHOLE, "has_ended"),
    (r"Try the campaign on a few members", WHOLE, "not_rehearsable"),
    (r"Ask an owner: what happens at no store", WHOLE, "owners_rehearsal"),
    (r"Set up e-mail first", WHOLE, "no_smtp"),
    (r"Wait before you send", WHOLE, "wait_for_test"),
    (r"Give the campaign words for", WHOLE, "words_missing"),
    (r"To test ", WHOLE, "test_cannot_reach"),
    (r"Join as a member with the app", WHOLE, "test_needs_card"),
    (r"Open a store first", WHOLE, "no_store_yet"),
    (r"Start the campaign first", WHOLE, "not_running"),
    (r"Start another run", WHOLE, "run_over"),
    (r"Look at the new number of unused coupons", "reason_ja", "more_unused"),
    (r"Do nothing more: a withdrawal is final", WHOLE, "withdrawn_already"),
    (r"Send a PNG, JPEG or WebP file", "picture", "picture_type"),
    (r"Send a smaller picture", "picture", "picture_too_large"),
    (r"Export the picture once more", "picture", "picture_damaged"),
    (r"Leave out holdout_percent", "holdout", "no_holdout"),
    (r"Give variants, or a holdout_percent", "holdout", "nothing_tried"),
    (r"Give at least one of the variants a share", "variant_0_share", "no_share"),
    (r"Give each of the variants a code", "variant_0_code", "same_code"),
    (r"Call no variant", "variant_0_code", "reserved_code"),
    (r"Keep the variant", "variant_0_code", "variant_stays"),
    (r"Write a new campaign: each can be tried once", WHOLE, "tried_once"),
)
_FIRST_PARTS = {"push": "title", "line": "text", "email": "subject", "sms": "text", "voice": "text"}
_IN = re.compile(r"In ([\w.\[\]-]+), (.+)", re.DOTALL)
_IN_STEP = re.compile(r"follow_ups\[(\d+)\]\.action\.(?:text|messages)\.?")
_CLAUSES: Sequence[tuple[str, str]] = (
    (r"leave out (?P<text>\{[^}]*\}): nothing fills it", "nothing_fills"),
    (r"leave out (?P<text>\{[^}]*\}): only (?P<known>.+) can be filled", "unknown_placeholder"),
    (r"put (?P<text>\{[^}]*\}) between", "not_everybody"),
    (r"(write .* with narrow|give each|end \{if|leave out \{|ask for)", "bad_braces"),
    (r"shorten", "too_long_filled"),
)


def fault_of(detail: str) -> Fault | None:
    """Of a problem's detail; None: it is to be shown as it is."""
    if said := _IN.match(detail):
        field = _field_of_words(said[1])
        for pattern, word in _CLAUSES:
            if found := re.match(pattern, said[2]):
                return Fault(field, word, **{name: text for name, text in found.groupdict().items() if text})
        return Fault(field, "words_refused", text=said[2])
    for pattern, field, word in _SAID:
        if found := re.match(pattern, detail):
            channel = found[found.lastindex or 0]
            named = found.expand(field).replace("{part}", _FIRST_PARTS.get(channel, "text"))
            return Fault("valid_until" if named == "coupon_valid_until" else named, word)
    return None


def _field_of_words(at: str) -> str:
    """`messages.push.ja.title` is push_ja_title, `offer.en` is offer_en_title, and `follow_ups[0].action.text.ja` is
    step_0_ja_title.
    """
    step = _IN_STEP.match(at)
    begin = f"step_{step[1]}_" if step else ""
    steps = (at[step.end() :] if step else at.removeprefix("messages.")).split(".")
    if steps[0] in _FIRST_PARTS or steps[0] == "offer":
        begin, of, steps = f"{begin}{steps[0]}_", steps[0], steps[1:]
    elif step:
        of = "push"
    else:
        return WHOLE
    tag = steps[0] if steps and steps[0] else "ja"
    return f"{begin}{tag}_{steps[1] if len(steps) > 1 else _FIRST_PARTS.get(of, 'title')}"

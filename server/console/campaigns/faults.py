"""From what the API says of a campaign's body to the field of the form and a sentence for managers. Pure.

The API's sentences name its own fields. Each is found again by its beginning; one that is not known here is shown as it
is, above the form.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kit.locales import LOCALES
from server.console.campaigns.typed import Fault

WHOLE = "form"
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_LEAST = re.compile(r"Expected `(\w+)` (?:of length )?>= (\S+)")
_MOST = re.compile(r"Expected `(\w+)` (?:of length )?<= (\S+)")

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


def _in_language(of: str, part: str, texts: Mapping[str, Any]) -> str:
    """msgspec does not say in which language: in the one that has nothing there, else in which it is the longest."""
    found = {tag: (text.get(part) or "") for tag, text in texts.items() if tag in LOCALES}
    empty = [tag for tag, text in found.items() if not text]
    tag = empty[0] if empty else max(found, key=lambda each: len(found[each]), default="ja")
    return f"{of}_{tag}_{part}"


def _sentence(field: str, what: str) -> Fault:
    if least := _LEAST.match(what):
        return Fault(field, "missing" if least[1] in ("str", "object", "array") else "too_small", least=least[2])
    if most := _MOST.match(what):
        return Fault(field, "too_long" if most[1] in ("str", "array", "object") else "too_large", most=most[2])
    if what.startswith("Object missing required field"):
        return Fault(field, "missing")
    return Fault(field, "hidden_marks" if field == "name" else "bad_form")


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
    (r"Give conditions\.usable_from earlier", "valid_until", "before_usable"),
    (r"Name in conditions\.store_ids", "store", "coupon_stores"),
    (r"Leave out conditions\.usable_offline", "min_spend", "not_offline"),
    (r"Name in conditions\.ranks", WHOLE, "unknown_rank"),
    (r"Name in benefit\.stamp_card", "benefit_stamp_card", "unknown_card"),
    (r"Set the program's point rules first", "benefit", "no_points"),
    (r"Name each channel once", "channel_2", "channel_twice"),
    (r"Leave out channels: with the trigger", "channel_1", "nothing_sent"),
    (r"Leave out messages\.(\w+): with the trigger", r"\1_ja_\2", "nothing_sent"),
    (r"Give words in messages\.(\w+), or leave", r"\1_ja_\2", "words_missing"),
    (r"Give words in follow_ups", WHOLE, "steps_need_words"),
    (r"Connect your LINE", "channel_1", "no_line"),
    (r"Say first who your e-mails are from", "channel_1", "no_mail"),
    (r"Set up your telephone first", "channel_1", "no_phone"),
    (r"Give messages\.link", "link", "link_needed"),
    (r"Give follow_ups\[", WHOLE, "late_reminder"),
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
    (r"Leave out holdout_percent", "holdout", "no_holdout"),
    (r"Give variants, or a holdout_percent", "holdout", "nothing_tried"),
    (r"Give at least one of the variants a share", "variant_0_share", "no_share"),
    (r"Give each of the variants a code", "variant_0_code", "same_code"),
    (r"Call no variant", "variant_0_code", "reserved_code"),
    (r"Keep the variant", "variant_0_code", "variant_stays"),
    (r"Write a new campaign: each can be tried once", WHOLE, "tried_once"),
)
_FIRST_PARTS = {"push": "title", "line": "text", "email": "subject", "sms": "text", "voice": "text"}
_IN = re.compile(r"In ([\w.\[\]]+), (.+)", re.DOTALL)
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
            part = _FIRST_PARTS.get(found[1], "text") if "\\2" in field else ""
            named = field.replace("\\1", found[1] if found.groups() else "").replace("\\2", part)
            return Fault("valid_until" if named == "coupon_valid_until" else named, word)
    return None


def _field_of_words(at: str) -> str:
    """`messages.push.ja.title` is push_ja_title, `offer.en` is offer_en_title."""
    steps = at.removeprefix("messages.").split(".")
    of, tag = steps[0], steps[1] if len(steps) > 1 else "ja"
    if tag not in LOCALES or (of not in _FIRST_PARTS and of != "offer"):
        return WHOLE
    return f"{of}_{tag}_{steps[2] if len(steps) > 2 else _FIRST_PARTS.get(of, 'title')}"

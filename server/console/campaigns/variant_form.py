"""A holdout and variants, as a form has them. What it does not write of a variant stays. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.console.campaigns.faults import WHOLE
from server.console.campaigns.form_message_parts import OFFER_PARTS, read_texts, show_texts
from server.console.campaigns.form_parts import Json, Shown
from server.console.campaigns.typed import Fault, Typed, shown
from server.experiments.bodies import Experiment, ExperimentRequest

MAX_VARIANTS = 4
_PERCENT = "percent_off"


def show_experiment(experiment: Experiment | None, languages: Sequence[str]) -> Shown:
    if experiment is None:
        return {}
    fields = shown({"holdout": experiment.holdout_percent})
    for place, each in enumerate(experiment.variants or ()):
        variant: Json = msgspec.to_builtins(each)
        name = f"variant_{place}"
        fields |= shown({f"{name}_code": each.code, f"{name}_share": each.share, f"{name}_percent": _percent(variant)})
        fields |= show_texts(name, OFFER_PARTS, variant["offer"] or {}, languages)
    return fields


def _percent(variant: Json) -> int | None:
    benefit = variant["benefit"] or {}
    return benefit["percent"] if _is_percent(benefit) else None


def _is_percent(benefit: Mapping[str, Any]) -> bool:
    """And no more than that: one with an upper bound is kept as it is."""
    return benefit.get("kind") == _PERCENT and benefit.get("max_discount") is None


def read_experiment(typed: Typed, former: Experiment | None, languages: Sequence[str]) -> ExperimentRequest:
    """Raises Fault."""
    known = {each.code: msgspec.to_builtins(each) for each in (former.variants or ())} if former is not None else {}
    rows = [
        _read_variant(typed, f"variant_{place}", known.get(code), languages)
        for place in typed.rows("variant_")
        if (code := typed.one(f"variant_{place}_code"))
    ]
    rows += list(known.values())[MAX_VARIANTS:]  # more than a form shows
    try:
        return msgspec.convert({"holdout_percent": typed.number("holdout") or 0, "variants": rows or None},
                               ExperimentRequest)  # fmt: skip
    except msgspec.ValidationError:
        raise Fault(WHOLE, "bad_experiment") from None


def _read_variant(typed: Typed, name: str, known: Json | None, languages: Sequence[str]) -> Json:
    row: Json = {"code": typed.one(f"{name}_code"), "share": typed.number(f"{name}_share") or 0}
    percent, former = typed.number(f"{name}_percent"), (known or {}).get("benefit")
    if percent is not None:
        row["benefit"] = {"kind": _PERCENT, "percent": percent}
    elif former is not None and not _is_percent(former):
        row["benefit"] = former
    offer = read_texts(typed, name, OFFER_PARTS, (known or {}).get("offer") or {}, languages)
    return row | {"offer": offer or None}

"""A holdout and variants, as a form has them. What it does not write of a variant stays. No I/O."""

from typing import Any

import msgspec

from server.console.campaigns.faults import WHOLE
from server.console.campaigns.typed import Fault, Typed
from server.experiments.bodies import Experiment, ExperimentRequest

MAX_VARIANTS = 4
_PERCENT = "percent_off"


def read_experiment(typed: Typed, former: Experiment | None) -> ExperimentRequest:
    """Raises Fault."""
    known = {each.code: each for each in (former.variants or ())} if former is not None else {}
    rows = []
    for place in range(MAX_VARIANTS):
        code, share = typed.one(f"variant_{place}_code"), typed.number(f"variant_{place}_share")
        if not code:
            continue
        row: dict[str, Any] = msgspec.to_builtins(known[code]) if code in known else {"code": code}
        row["share"] = 0 if share is None else share
        percent = typed.number(f"variant_{place}_percent")
        if percent is not None:
            row["benefit"] = {"kind": _PERCENT, "percent": percent}
        title, body = typed.one(f"variant_{place}_title"), typed.one(f"variant_{place}_body")
        if title and body:
            row["offer"] = {"ja": {"title": title, "body": body}}
        rows.append(row)
    data = {"holdout_percent": typed.number("holdout") or 0, "variants": rows or None}
    try:
        return msgspec.convert(data, ExperimentRequest)
    except msgspec.ValidationError:
        raise Fault(WHOLE, "bad_experiment") from None

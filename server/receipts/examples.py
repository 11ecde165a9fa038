"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import Example

_PUSH_ID = "01a20045-5d1c-7e02-8f4b-2c9d7a6e1b30"

EXAMPLES: Mapping[str, Example] = {
    "reportMessageEvents": Example(
        request={
            "events": [
                {"push_id": _PUSH_ID, "event": "displayed", "age_s": 412.5},
                {"push_id": _PUSH_ID, "event": "opened", "age_s": 3.2},
            ]
        },
        answer={"recorded": 2, "repeated": 0, "no_consent": 0, "refused": []},
    ),
    "getMessageLatencies": Example(
        answer={
            "days": [
                {
                    "day": "2026-11-21",
                    "handed": {"messages": 4210, "p50_ms": 33.4, "p99_ms": 97.0},
                    "displayed": {"messages": 3604, "p50_ms": 707.0, "p99_ms": 18_404.6},
                }
            ]
        }
    ),
}

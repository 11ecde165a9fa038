"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import CAMPAIGN_ID, MEMBER_ID, STORE_ID, Example, make_page

AUDIENCE_ID = "01a20045-1c2d-7e3f-8a4b-5c6d7e8f9a0b"
_TREE = {
    "type": "and",
    "of": [
        {"type": "visits", "at_least": 3, "within_days": 90, "store_ids": [STORE_ID]},
        {"type": "last_visit", "at_least_days": 30},
        {"type": "not", "of": {"type": "coupon", "state": "used", "campaign_id": CAMPAIGN_ID}},
        {
            "type": "or",
            "of": [
                {"type": "attribute", "key": "gender", "is_one_of": ["female"]},
                {"type": "birthday", "at_most_days": 14},
            ],
        },
    ],
}
_ANSWERED_TREE = {
    "type": "and",
    "of": [
        {"type": "visits", "at_least": 3, "at_most": None, "within_days": 90, "store_ids": [STORE_ID]},
        {"type": "last_visit", "at_least_days": 30, "at_most_days": None},
    ],
}
_AUDIENCE = {
    "id": AUDIENCE_ID,
    "name": "Regulars who stay away",
    "version": 2,
    "tree": _ANSWERED_TREE,
    "created_at": "2026-11-21T09:00:00Z",
    "changed_at": "2026-11-22T10:00:00Z",
}

EXAMPLES: Mapping[str, Example] = {
    "listAudiences": Example(answer=make_page(_AUDIENCE)),
    "createAudience": Example(
        request={"name": "Regulars who stay away", "tree": _TREE}, answer=_AUDIENCE | {"version": 1}
    ),
    "getAudience": Example(answer=_AUDIENCE),
    "changeAudience": Example(
        request={"name": "Regulars who stay away", "tree": _ANSWERED_TREE, "version": 1}, answer=_AUDIENCE
    ),
    "countAudience": Example(
        request={"tree": _TREE},
        answer={
            "members": 18250,
            "is_estimate": False,
            "matching": 412,
            "matching_at_least": 412,
            "matching_at_most": 412,
            "share": 0.02257534246575342,
            "unknown": 6120,
            "unknown_by": [{"at": "tree.of[0]", "members": 6120}],
            "in_steps_of": 1,
            "sample": [MEMBER_ID],
        },
    ),
}

"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import CAMPAIGN_ID, STAFF_ID, Example, make_page

_RUN_ID = "019ac6f2-91b0-7c42-8d3e-5f0a7b6c1d24"
_BODY = {"speed": {"kind": "over_minutes", "minutes": 60}}
_RUN = {
    "id": _RUN_ID,
    "campaign_id": CAMPAIGN_ID,
    "occasion": _RUN_ID,
    "state": "running",
    "audience_id": None,
    "audience_version": None,
    "speed": _BODY["speed"],
    "due_at": "2026-11-28T01:00:00Z",
    "started_by": f"staff:{STAFF_ID}",
    "created_at": "2026-11-28T01:00:00Z",
    "ended_at": None,
    "members": 48_200,
    "walked": 12_000,
    "progress": 0.249,
    "decided": 12_000,
    "outcomes": {"issued": 11_870, "not_verified": 130},
}
_WAITING: dict[str, object] = {
    "state": "waiting",
    "members": None,
    "walked": 0,
    "progress": None,
    "decided": 0,
    "outcomes": {},
}
EXAMPLES: Mapping[str, Example] = {
    "startCampaignRun": Example(request=_BODY, answer=_RUN | _WAITING),
    "listCampaignRuns": Example(answer=make_page(_RUN)),
    "readCampaignRun": Example(answer=_RUN),
    "stopCampaignRun": Example(answer=_RUN | {"state": "stopped", "ended_at": "2026-11-28T01:15:00Z"}),
    "resumeCampaignRun": Example(answer=_RUN),
}

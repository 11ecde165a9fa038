"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import CARD_CODE, FIX, MEMBER_ID, SCAN_ID, Example

_STORE_CODE = "N1SAGRAARD2RJYXLERB7JQCOOMCNAAADZHAVS3A6EEIJZGQ2EIPDRNQ"

EXAMPLES: Mapping[str, Example] = {
    "reportOfflineScans": Example(request={"scans": [{"card": CARD_CODE, "scanned_at": "2026-11-21T09:00:10Z"}]}),
    "updateVisitRules": Example(request={"by_store_qr": True, "by_dwell": False, "min_trust": "low"}),
    "checkInAtStore": Example(request={"code": _STORE_CODE, "fix": FIX}),
    "undoScan": Example(request={"member_id": MEMBER_ID, "scan_id": SCAN_ID}),
    "scanCard": Example(request={"card": "2912 3456 7890 6"}),
}

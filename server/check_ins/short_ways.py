"""A till's scan by the short way (server.runtime.short_way), answered as its route answers it."""

from litestar.datastructures import State

from programs.tills_repository import Till
from server.check_ins.till_routes import ScanRequest, take_scan
from server.runtime.short_way import Plain, ShortWays
from server.web.auth import Principal, name_of
from server.web.bodies import decode_body, require_media_type
from server.web.idempotency import Answer, make_idempotency_key
from server.web.short_ways import make_guarded

_SCANS = "/v1/scans"


def make_scan_ways(state: State) -> ShortWays:
    return make_guarded(state, {_SCANS: _take})


async def _take(state: State, till: Principal, plain: Plain, body: bytes) -> Answer:
    assert isinstance(till, Till)  # server.web.access lets in nobody else
    require_media_type(plain.find(b"content-type"))
    data: ScanRequest = decode_body(body, ScanRequest)
    key = make_idempotency_key(name_of(till), plain.find(b"idempotency-key"), "POST", _SCANS, body)
    return await take_scan(state.scanning, till, data, key)

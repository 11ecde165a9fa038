"""What a till does with cards: scan one, report offline scans, undo the last scan."""

import asyncio
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from ids import MemberId, ScanId
from kit.batching import Batcher
from kit.clock import utc_now
from kit.database import Connection
from kit.locales import Locale
from programs.tills_repository import Till
from server.check_ins.offline_records import MAX_CODE_LENGTH, MAX_REPORT_BYTES, OfflineScansRequest, read_offline_scans
from server.check_ins.report_scans import OfflineScanResult, report_scans
from server.check_ins.scan import ScanCommand, ScanResult
from server.check_ins.undo import UndoResult, undo
from server.purchases.purchase import ScanReference
from server.purchases.routes import PurchaseBasket
from server.web.auth import Call, name_of
from server.web.bodies import MAX_LONG_BODY_BYTES, read_body
from server.web.dependencies import ServicesDependency, TillDependency
from server.web.fields import Body
from server.web.idempotency import Answer, IdempotencyKey
from server.web.writes import idempotency_key_of, send, write

Scanning: TypeAlias = NamedDependency[SkipValidation[Batcher[ScanCommand, Answer]]]


class ScanRequest(Body, frozen=True):
    """A card that the till has read."""

    card: Annotated[str, msgspec.Meta(max_length=MAX_CODE_LENGTH, examples=["2912 3456 7890 6"])]
    """What the scanner read or the cashier typed: the card's rotating code (452 digits), a TOTP code, or the 13 digits
    of its number.
    """
    locale: Locale = "ja"
    """The cashier's language, for the titles of coupons."""
    purchase: PurchaseBasket | None = None
    """What was bought, if that is known already."""


class OfflineScansResult(msgspec.Struct, frozen=True):
    """What became of the scans."""

    scans: list[OfflineScanResult]
    """One a scan, in the order in which they were sent."""


class UndoScanRequest(Body, frozen=True):
    """The scan that is to be undone."""

    member_id: MemberId
    """`member_id` of the answer to the scan."""
    scan_id: ScanId
    """`scan_id` of the answer to the scan."""


async def take_scan(
    scanning: Batcher[ScanCommand, Answer], till: Till, data: ScanRequest, idempotency_key: IdempotencyKey | None
) -> Answer:
    """Of either way to the route."""
    return await scanning.submit(
        ScanCommand(
            till=till,
            presented=data.card,
            locale=data.locale,
            idempotency_key=idempotency_key,
            now=utc_now(),
            basket=None if data.purchase is None else data.purchase.to_basket(),
        )
    )


class TillController(Controller):
    path = "/v1"
    tags = ("Till",)

    @post("/scans", operation_id="scanCard", summary="Check a member in", request_max_body_size=MAX_LONG_BODY_BYTES)
    async def scan_card(
        self,
        data: JSONBody[ScanRequest],
        request: Call,
        till: TillDependency,
        scanning: Scanning,
    ) -> Response[ScanResult]:
        return send(await take_scan(scanning, till, data, await idempotency_key_of(request, name_of(till))))

    @post(
        "/scans/offline",
        operation_id="reportOfflineScans",
        summary="Report the scans that were made offline",
        status_code=200,
        opt={"body": OfflineScansRequest},
        request_max_body_size=MAX_REPORT_BYTES,
    )
    async def report_offline_scans(
        self,
        request: Call,
        till: TillDependency,
        services: ServicesDependency,
    ) -> Response[OfflineScansResult]:
        """Up to seven days old, in any order, as often as it takes: the same scan counts once. The answer
        says what was refused; it need not be sent again. A record that cannot be read is refused like any other.
        """
        scans = await asyncio.to_thread(read_offline_scans, await read_body(request))

        async def work(conn: Connection, now: datetime) -> OfflineScansResult:
            keyring, snapshot = services.keyring, services.keeper.current
            return OfflineScansResult(await report_scans(conn, keyring, snapshot, till, scans, now))

        return await write(request, services, work)

    @post("/scans/undo", operation_id="undoScan", summary="Undo the till's last scan", status_code=200)
    async def undo_scan(
        self,
        data: JSONBody[UndoScanRequest],
        request: Call,
        till: TillDependency,
        services: ServicesDependency,
    ) -> Response[UndoResult]:
        """Within ten minutes. A visit that nothing else speaks for is undone, and what it earned is taken back.

        What was bought with the scan is refunded whole, and its receipt may be sent again. The code stays used.
        """

        async def work(conn: Connection, now: datetime) -> UndoResult:
            reference = ScanReference(data.member_id, data.scan_id)
            return await undo(conn, services.keyring, services.keeper.current, till, reference, now)

        return await write(request, services, work)

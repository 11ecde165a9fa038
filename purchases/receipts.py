"""A till's receipts, each of which counts once. Pure.

Of the number a keyed hash is stored, so that nobody can guess the numbers from a stolen table.
"""

from typing import Literal
from uuid import UUID

import msgspec

from ids import MemberId, StoreId
from kit.sealing import Keyring

ReceiptKind = Literal["purchase", "refund", "spend"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`source_id`: of the purchase, refund or spending that it stands for."""

    store_id: StoreId
    kind: ReceiptKind
    receipt_hash: bytes
    member_id: MemberId
    source_id: UUID


def hash_receipt(keyring: Keyring, store_id: StoreId, receipt: str) -> bytes:
    """Of a receipt's number, which is unique at its store only."""
    return keyring.mac("receipt", store_id.bytes + receipt.encode())

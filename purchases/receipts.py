"""A till's receipts: who holds one, and which holder is meant. Pure.

What stands holds its receipt: a purchase, a refund, points that were spent. Members may share a bill, each with a part
of its amount, and may each spend points under one receipt; a member holds a receipt once. What was taken back holds
nothing, so that it can be sent again, corrected or with another card.

Of the number a keyed hash is stored, so that nobody can guess the numbers from a stolen table.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from ids import MemberId, StoreId
from kit.scanned_text import clean_scanned
from kit.sealing import Keyring

ReceiptKind = Literal["purchase", "refund", "spend"]

_NUMBER = re.compile(r"[!-~]{1,64}")


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`source_id`: of the purchase, refund or spending that it stands for."""

    store_id: StoreId
    kind: ReceiptKind
    receipt_hash: bytes
    member_id: MemberId
    source_id: UUID


class ReceiptHolder(msgspec.Struct, frozen=True):
    """`is_released`: what it stood for has been taken back."""

    member_id: MemberId
    source_id: UUID
    is_released: bool


class BillPart(msgspec.Struct, frozen=True):
    """What one purchase holds of its bill."""

    store_id: StoreId
    receipt_hash: bytes
    bill_amount: int
    amount: int


def read_receipt_number(text: str) -> str | None:
    """The number of a till's receipt as it was sent, scanned or typed; None for what is none."""
    number = clean_scanned(text)
    return number if _NUMBER.fullmatch(number) else None


def hash_receipt(keyring: Keyring, store_id: StoreId, receipt: str) -> bytes:
    """Of a receipt's number, which is unique at its store only."""
    return keyring.mac("receipt", store_id.bytes + receipt.encode())


def find_meant(
    holders: Sequence[ReceiptHolder], member_id: MemberId | None, survivors: Mapping[MemberId, MemberId]
) -> Sequence[ReceiptHolder]:
    """Whom a till means that names the receipt, and perhaps the member: nobody, one, or several that hold it.

    `survivors`: whom the holders and `member_id` became. Of those who hold it no more only the last one can be meant.
    """
    named = holders
    if member_id is not None:
        person = survivors.get(member_id, member_id)
        exactly = [each for each in holders if each.member_id == member_id]
        named = exactly or [each for each in holders if survivors.get(each.member_id, each.member_id) == person]
    held = [each for each in named if not each.is_released]
    return held or sorted(named, key=lambda each: each.source_id)[-1:]

"""How a receipt's number becomes the stored hash: keyed, so that a stolen table cannot be guessed through. Pure."""

from ids import StoreId
from kit.sealing import Keyring


def hash_receipt(keyring: Keyring, store_id: StoreId, receipt: str) -> bytes:
    """Of a receipt's number, which is unique at its store only."""
    return keyring.mac("receipt", store_id.bytes + receipt.encode())

"""Bytes as decimal digits, for a QR code's numeric mode. Pure.

The scheme of FIDO's hybrid transport (CTAP 2.2, section 11.5): each seven bytes, read as a little-endian number, are 17
digits with leading zeros; one to six bytes at the end are 3, 5, 8, 10, 13 or 15 digits. It needs no number beyond 64
bits, and costs 0.3 % over the densest packing.
"""

_BYTES, _DIGITS = 7, 17
_REST_DIGITS = (0, 3, 5, 8, 10, 13, 15)


def count_digits(byte_count: int) -> int:
    whole, rest = divmod(byte_count, _BYTES)
    return whole * _DIGITS + _REST_DIGITS[rest]


def write_digits(raw: bytes) -> str:
    chunks = (raw[start : start + _BYTES] for start in range(0, len(raw), _BYTES))
    return "".join(f"{int.from_bytes(chunk, 'little'):0{count_digits(len(chunk))}d}" for chunk in chunks)


def read_digits(text: str, byte_count: int) -> bytes | None:
    """The bytes, if `text` is exactly what `write_digits` makes of so many; else None."""
    if len(text) != count_digits(byte_count) or not (text.isascii() and text.isdigit()):
        return None
    whole, rest = divmod(byte_count, _BYTES)
    end = whole * _DIGITS
    try:
        parts = [int(text[start : start + _DIGITS]).to_bytes(_BYTES, "little") for start in range(0, end, _DIGITS)]
        return b"".join(parts) + int(text[end:] or "0").to_bytes(rest, "little")
    except OverflowError:  # more than so many bytes can hold
        return None

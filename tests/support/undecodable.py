"""Values that make a body no JSON, as phones and the apps on them have sent them."""

UNDECODABLE = {
    "half of a surrogate pair": b'"\\ud83d"',
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "too large": b"1e999",
    "a raw line break": b'"a\nb"',
    "NUL": b'"a\0b"',
    "Latin-1": b'"caf\xe9"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "a byte order mark": b'\xef\xbb\xbf"a"',
    "an unknown escape": b'"a\\qb"',
    "a plus sign": b"+1",
    "depth": b"[" * 5000 + b"]" * 5000,
    "a long number": b"1" * 5000,
}
# Of these a record is refused wherever they stand; the others matter only where they are read.
NO_JSON_AT_ALL = {"an unknown escape", "a plus sign", "depth"}

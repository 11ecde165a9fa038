"""What scanners, keyboards and copying add to a text, and what they turn it into."""

from hypothesis import strategies as st

# Around and within the text: control characters, line ends, spaces, what nobody sees.
ADDED = [
    *"\x00\x02\x03\x1d\r\n\t ",
    *"\u00a0\u2003\u3000\u2028\u0085",
    *"\ufeff\u200b\u200c\u200d\u2060\u00ad\u202a\u202c\u200e\ufe0f\u034f",
]
PREFIXES = ["", "]E0", "]C0", "]C1", "]F0", "]Q3", "]d2", "\u3000]E0", "\uff3d\uff25\uff10"]
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff70\uff0d\ufe63\u2500\u301c"


def widen(character: str) -> str:
    """As a Japanese keyboard types it: full-width."""
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


@st.composite
def as_read(draw: st.DrawFn, text: str) -> str:
    """`text` as it may reach us."""
    parts = [draw(st.sampled_from(PREFIXES))]
    for character in text:
        if draw(st.integers(0, 9)) == 0:
            parts.append(draw(st.sampled_from(ADDED)))
        if character == "-":
            parts.append(draw(st.sampled_from(DASHES)))
        else:
            parts.append(widen(character) if draw(st.booleans()) else character)
    return "".join([*parts, draw(st.sampled_from(["", "\x03", "\r\n", " "]))])

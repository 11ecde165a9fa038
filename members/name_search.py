"""How members are found by name and by reading: what is stored for it, and what is asked for. Pure.

A Japanese name has two to six characters, and two of them are a whole family name, so names are cut into pairs of
characters, each a number that belongs to one program; PostgreSQL finds those who have all of a text's pairs (GIN), and
then looks at the name itself. Readings are found from their beginning.
"""

import unicodedata
from collections.abc import Sequence
from typing import Literal
from zlib import crc32

import msgspec

from ids import ProgramId
from members.attribute_values import to_katakana

# The same name in the register and on the keyboard: people write one form of the character, and find no other.
_VARIANTS = dict(
    zip(
        map(ord, "髙﨑嵜栁濵濱邊邉齋齊斉澤櫻廣國嶋嶌龍濤德惠曻槇眞藏髮彌萬壽瀨淵冨𠮷"),
        "高崎崎柳浜浜辺辺斎斎斎沢桜広国島島竜涛徳恵昇槙真蔵髪弥万寿瀬渕富吉",
        strict=True,
    )
)
# Between the parts of a name, and seen by nobody.
_DROPPED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn"})
_DROPPED = frozenset("・=")
MAX_SEARCHED_WORDS = 10


class NameSearch(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: `grams` are the pairs of all `words`, and a name has each of these somewhere. `name_start` and
    `kana_start`: the key begins with the one word.
    """

    by: Literal["name", "name_start", "kana_start"]
    words: Sequence[str]
    grams: Sequence[int] = ()


def name_key(name: str) -> str | None:
    """What a name is compared by, without width, case, spaces and variants of characters. None: nothing is left."""
    return _fold(name) or None


def kana_key(kana: str | None, name: str | None) -> str | None:
    """`kana` as it is kept, in katakana. A name that is written in kana alone is its own reading."""
    if kana is not None:
        return _fold(kana) or None
    folded = _fold(to_katakana(name or ""))
    return folded if folded and _is_kana(folded) else None


def name_grams(program_id: ProgramId, key: str) -> list[int]:
    """A number for each pair of neighbours, once, of 32 bits with a sign. Two pairs may have the same, seldom."""
    seed = crc32(program_id.bytes)
    numbers = {crc32(key[at : at + 2].encode(), seed) for at in range(len(key) - 1)}
    return sorted(number - 2**32 if number >= 2**31 else number for number in numbers)


def read_search(program_id: ProgramId, text: str) -> NameSearch | None:
    """What to look for; None where nothing of the text can stand in a name."""
    words = _join_single([word for word in map(_fold, text.split()) if word])
    if not words:
        return None
    kana = _fold(to_katakana(text))
    if _is_kana(kana):
        return NameSearch(by="kana_start", words=[kana])
    if words == [words[0][:1]]:
        return NameSearch(by="name_start", words=words)
    words = words[:MAX_SEARCHED_WORDS]
    return NameSearch(
        by="name", words=words, grams=sorted({gram for word in words for gram in name_grams(program_id, word)})
    )


def _join_single(words: Sequence[str]) -> Sequence[str]:
    """A character alone is no pair, and looking at every name for it takes long: it goes on with the word before it."""
    joined: list[str] = []
    for word in words:
        if joined and (len(word) == 1 or len(joined[-1]) == 1):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


class _Folding(dict[int, str | None]):
    """What becomes of a character, worked out once: an import folds a million names."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        is_dropped = character in _DROPPED or unicodedata.category(character) in _DROPPED_CATEGORIES
        self[code] = None if is_dropped else _VARIANTS.get(code, character)
        return self[code]


_FOLDING = _Folding()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_FOLDING)


def _is_kana(text: str) -> bool:
    return all("ァ" <= character <= "ヿ" for character in text)

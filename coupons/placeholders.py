"""What stands in braces in a program's words: how it is read, what is wrong with it, and how it is filled. Pure.

    {store}                                      a value
    {if name}{name}様、{else}お客様、{end}         what is said only where there is a value; without `else`: or nothing
    {count points | one: # point | other: # points}   by the language's plural; # is the number
    {{ and }}                                    braces that the reader sees

That is all there is: no comparison, no loop. A value is filled in once and never read again, so one that looks like a
placeholder is shown as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

import msgspec

from kit.languages import locale_of

MAX_DEPTH = 5
# `flag`: it is true or there is none, and only `if` asks for it.
ValueKind = Literal["text", "number", "flag"]
_CATEGORIES = ("zero", "one", "two", "few", "many", "other")
_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
# A Japanese keyboard writes the wide ones; around a name they are meant as the narrow ones.
_WIDE = re.compile(r"[{\uff5b]\s*(?:if\s+)?[A-Za-z_][A-Za-z0-9_.]*\s*[}\uff5d]")


class TextFault(Exception):
    """What to do about the text, as a clause: "leave out {x}: …"."""


class Known(msgspec.Struct, frozen=True):
    """`is_certain`: there is always a value, so it may stand outside an `if`."""

    kind: ValueKind = "text"
    is_certain: bool = True


class Filled(msgspec.Struct, frozen=True):
    name: str


class Either(msgspec.Struct, frozen=True):
    name: str
    then: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]"


class Counted(msgspec.Struct, frozen=True):
    """`forms`: by CLDR's plural category."""

    name: str
    forms: Mapping[str, str]


Node: TypeAlias = str | Filled | Either | Counted


class SaidWords(msgspec.Struct, frozen=True, kw_only=True):
    """The values as they are said in a language; of numbers the number itself too. What is not there has no value."""

    language: str
    texts: Mapping[str, str]
    numbers: Mapping[str, int | float] = {}


@lru_cache(maxsize=10_000)
def parse_text(text: str) -> tuple[Node, ...]:
    """Raises TextFault."""
    wide = next((found for found in _WIDE.findall(text) if "\uff5b" in found or "\uff5d" in found), None)
    if wide is not None:
        raise TextFault(f"write {wide} with narrow braces: {{ and }}")
    nodes, rest = _parse(_PIECE.findall(text), 0, depth=0)
    if rest is not None:
        raise TextFault(f"leave out {rest[0]}: no {{if …}} stands before it")
    return nodes


def _parse(pieces: Sequence[str], start: int, *, depth: int) -> tuple[tuple[Node, ...], tuple[str, int] | None]:
    """The nodes from `start` to the `{else}` or `{end}` that is not theirs, and that with the place after it."""
    nodes: list[Node] = []
    place = start
    while place < len(pieces):
        piece = pieces[place]
        place += 1
        if piece in ("{{", "}}"):
            nodes.append(piece[0])
        elif piece in ("{", "}"):
            raise TextFault(f"give each {{ its }}, and write {{{{ or }}}} for one to be read: a {piece} stands alone")
        elif not piece.startswith("{"):
            nodes.append(piece)
        elif (tag := piece[1:-1].strip()) in ("else", "end"):
            return tuple(nodes), (piece, place)
        elif tag.startswith("if ") or tag == "if":
            node, place = _parse_if(pieces, place, tag, depth + 1)
            nodes.append(node)
        elif tag.startswith("count "):
            nodes.append(_parse_count(tag))
        else:
            nodes.append(Filled(piece[1:-1]))
    return tuple(nodes), None


def _parse_if(pieces: Sequence[str], place: int, tag: str, depth: int) -> tuple[Either, int]:
    if depth > MAX_DEPTH:
        raise TextFault(f"put no more than {MAX_DEPTH} {{if …}} into each other")
    name = tag[2:].strip()
    then, stop = _parse(pieces, place, depth=depth)
    otherwise: tuple[Node, ...] = ()
    if stop is not None and stop[0][1:-1].strip() == "else":
        otherwise, stop = _parse(pieces, stop[1], depth=depth)
        if stop is not None and stop[0][1:-1].strip() == "else":
            raise TextFault(f"give {{if {name}}} one {{else}} at most")
    if stop is None:
        raise TextFault(f"end {{if {name}}} with {{end}}")
    return Either(name, then, otherwise), stop[1]


def _parse_count(tag: str) -> Counted:
    name, *written = (part.strip() for part in tag.removeprefix("count ").split("|"))
    forms = {}
    for form in written:
        category, colon, words = form.partition(":")
        if not colon or category.strip() not in _CATEGORIES:
            raise TextFault(f"write the forms of {{count {name} …}} as one: # point | other: # points")
        forms[category.strip()] = words.strip()
    if "other" not in forms:
        raise TextFault(f"give {{count {name} …}} the form other, which every language has")
    return Counted(name, forms)


def find_fault(text: str, known: Mapping[str, Known]) -> str | None:
    """What to do about the text, where these are the values that there can be. None: it can be filled."""
    try:
        return _find_fault(parse_text(text), known, frozenset())
    except TextFault as fault:
        return str(fault)


def _find_fault(nodes: Iterable[Node], known: Mapping[str, Known], given: frozenset[str]) -> str | None:
    for node in nodes:
        if isinstance(node, str):
            continue
        value = known.get(node.name)
        if value is None:
            return _unknown(node.name, known)
        if isinstance(node, Either):
            fault = _find_fault(node.then, known, given | {node.name}) or _find_fault(node.otherwise, known, given)
            if fault is not None:
                return fault
        elif value.kind == "flag":
            return f"ask for {{{node.name}}} by {{if {node.name}}} only: it is yes or no"
        elif isinstance(node, Counted) and value.kind != "number":
            return f"leave out {{count {node.name} …}}: it is no number"
        elif not value.is_certain and node.name not in given:
            return (
                f"put {{{node.name}}} between {{if {node.name}}} and {{end}}: not everybody has one, and the sentence"
                " must read well without"
            )
    return None


def _unknown(name: str, known: Mapping[str, Known]) -> str:
    if not known:
        return f"leave out {{{name}}}: nothing fills it here"
    filled = ", ".join(f"{{{each}}}" for each in sorted(known))
    return f"leave out {{{name}}}: only {filled} can be filled here, written like that"


@lru_cache(maxsize=10_000)
def names_in(text: str) -> frozenset[str]:
    """The values that the text asks for."""
    return frozenset(_names(parse_text(text)))


def _names(nodes: Iterable[Node]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if not isinstance(node, str):
            names.add(node.name)
        if isinstance(node, Either):
            names |= _names(node.then) | _names(node.otherwise)
    return names


def _as_it_is(value: str) -> str:
    return value


def fill(text: str, words: SaidWords, escape: Callable[[str], str] = _as_it_is) -> str:
    """The text of one that `find_fault` let pass. `escape` is asked for every value, and for no word of the text."""
    if "{" not in text and "}" not in text:
        return text
    return "".join(_fill(parse_text(text), words, escape))


def _fill(nodes: Iterable[Node], words: SaidWords, escape: Callable[[str], str]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, Either):
            yield from _fill(node.then if node.name in words.texts else node.otherwise, words, escape)
        elif isinstance(node, Counted):
            number = escape(words.texts.get(node.name, ""))
            yield _form(node, words).replace("#", number)
        else:
            # What is missing was certain when the text was written: a gap is the best that is left.
            yield escape(words.texts.get(node.name, ""))


def _form(node: Counted, words: SaidWords) -> str:
    category = locale_of(words.language).plural_form(abs(words.numbers.get(node.name, 0)))
    return node.forms.get(category, node.forms["other"])


def fill_longest(
    text: str, longest: Mapping[str, str], size_of: Callable[[str], int], escape: Callable[[str], str] = _as_it_is
) -> str:
    """The text filled with these, which are as long as each value can be, by the longer way at each condition."""
    return _longest(parse_text(text), longest, size_of, escape)


def _longest(
    nodes: Iterable[Node], longest: Mapping[str, str], size_of: Callable[[str], int], escape: Callable[[str], str]
) -> str:
    said = []
    for node in nodes:
        if isinstance(node, str):
            said.append(node)
        elif isinstance(node, Either):
            ways = (_longest(way, longest, size_of, escape) for way in (node.then, node.otherwise))
            said.append(max(ways, key=size_of))
        elif isinstance(node, Counted):
            value = escape(longest.get(node.name, ""))
            said.append(max((form.replace("#", value) for form in node.forms.values()), key=size_of))
        else:
            said.append(escape(longest.get(node.name, "")))
    return "".join(said)

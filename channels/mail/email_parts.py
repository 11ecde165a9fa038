"""An e-mail's two parts, HTML and plain text, from one source in Markdown. Pure.

The source is a program's own words, with values filled in by `escape_markdown`. Raw HTML is not taken, and neither is
what would show a value otherwise than as words (code, links in angle brackets). Who frames the words (sender,
unsubscription) hands plain lines; they are escaped here.
"""

import html
import re
from collections.abc import Sequence

import css_inline
import msgspec
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # of ASCII, all of which CommonMark lets be escaped
_STYLE = """
body { margin: 0; padding: 16px; background-color: #f4f4f4; color: #222222;
  font-family: -apple-system, "Hiragino Sans", "Yu Gothic", "Noto Sans JP", Arial, sans-serif; line-height: 1.7; }
.sheet { max-width: 600px; margin: 0 auto; padding: 24px; background-color: #ffffff; }
.frame { max-width: 600px; margin: 0 auto; padding: 16px 24px; color: #666666; font-size: 12px; }
.frame p { margin: 0 0 4px 0; }
h1 { font-size: 22px; line-height: 1.4; } h2 { font-size: 18px; } h3 { font-size: 16px; }
a { color: #0b57d0; }
img { max-width: 100%; height: auto; }
blockquote { margin: 0; padding-left: 12px; border-left: 4px solid #dddddd; }
hr { border: 0; border-top: 1px solid #dddddd; }
"""


class FrameLine(msgspec.Struct, frozen=True):
    """A line around an e-mail's words, as plain text. `url`: where the whole line leads."""

    text: str
    url: str | None = None


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the words: `above` them and `below`, and the title of the page."""

    language: str
    title: str
    above: Sequence[FrameLine] = ()
    below: Sequence[FrameLine] = ()


class EmailParts(msgspec.Struct, frozen=True):
    """The same words twice. `html` is a whole page with its styles inline."""

    text: str
    html: str


def escape_markdown(value: str) -> str:
    """The Markdown that shows the value itself, on one line, whatever it holds."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(value.split()))


def make_parts(markdown: str, frame: Frame) -> EmailParts:
    """The words, with line breaks where they stand, in their frame."""
    tokens = _READER.parse(markdown)
    words = _READER.renderer.render(tokens, _READER.options, {})
    page = (
        f'<!DOCTYPE html><html lang="{html.escape(frame.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(frame.title)}</title><style>{_STYLE}</style></head><body>"
        f'{_frame_html(frame.above)}<div class="sheet">{words}</div>{_frame_html(frame.below)}</body></html>'
    )
    above = [_frame_text(frame.above)] if frame.above else []
    text = "\n\n".join([*above, *_block_texts(SyntaxTreeNode(tokens))])
    if frame.below:
        text += f"\n\n-- \n{_frame_text(frame.below)}"
    return EmailParts(f"{text}\n", _INLINER.inline(page))


def _make_reader() -> MarkdownIt:
    # A line break of the source is one for the reader: in Japanese the space that it would become has no place.
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.disable(["code", "fence", "backticks", "autolink", "html_block", "html_inline"])
    reader.validateLink = lambda url: _LINK.match(url) is not None  # type: ignore[method-assign]
    return reader


_READER = _make_reader()
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)


def _frame_html(lines: Sequence[FrameLine]) -> str:
    shown = []
    for line in lines:
        words = html.escape(line.text)
        shown.append(words if line.url is None else f'<a href="{html.escape(line.url)}">{words}</a>')
    return f'<div class="frame">{"".join(f"<p>{each}</p>" for each in shown)}</div>' if shown else ""


def _frame_text(lines: Sequence[FrameLine]) -> str:
    return "\n".join(line.text if line.url is None else _link_text(line.text, line.url) for line in lines)


def _link_text(words: str, url: str) -> str:
    address = url.removeprefix("mailto:").removeprefix("tel:")
    return address if words in (url, address, "") else f"{words} ({address})"


def _block_texts(node: SyntaxTreeNode) -> list[str]:
    return [text for child in node.children if (text := _block_text(child))]


def _block_text(node: SyntaxTreeNode) -> str:
    match node.type:
        case "inline":
            return _words_of(node)
        case "hr":
            return "----------"
        case "bullet_list":
            return "\n".join(_item_text("- ", item) for item in node.children)
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return "\n".join(_item_text(f"{first + place}. ", item) for place, item in enumerate(node.children))
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(_block_texts(node)).split("\n"))
        case _:
            return "\n".join(_block_texts(node))


def _item_text(mark: str, item: SyntaxTreeNode) -> str:
    return mark + "\n".join(_block_texts(item)).replace("\n", "\n" + " " * len(mark))


def _words_of(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return node.content
        case "link":
            return _link_text("".join(map(_words_of, node.children)), str(node.attrs["href"]))
        case _:
            return "".join(map(_words_of, node.children))

"""One source, two parts: the same words as HTML with styles inline and as plain text, and nothing that a value adds."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.email_parts import Frame, FrameLine, escape_markdown, make_parts

PLAIN = Frame(language="ja", title="Noren")


def _inner(page: str) -> str:
    found = re.search(r'<div class="sheet"[^>]*>(.*)</div></body>', page, re.DOTALL)
    assert found is not None
    return re.sub(r' style="[^"]*"', "", found.group(1))


@pytest.mark.parametrize(
    ("markdown", "text", "shown"),
    [
        ("# 見出し\n\n一行目\n二行目", "見出し\n\n一行目\n二行目\n", "<h1>見出し</h1>\n<p>一行目<br>\n二行目</p>\n"),
        ("**a** *b*", "a b\n", "<p><strong>a</strong> <em>b</em></p>\n"),
        (
            "[Open](https://e.example/a?x=1&y=2)",
            "Open (https://e.example/a?x=1&y=2)\n",
            '<p><a href="https://e.example/a?x=1&amp;y=2">Open</a></p>\n',
        ),
        ("[a@e.example](mailto:a@e.example)", "a@e.example\n", '<p><a href="mailto:a@e.example">a@e.example</a></p>\n'),
        (
            "- a\n- b\n  c\n\n3. x\n4. y",
            "- a\n- b\n  c\n\n3. x\n4. y\n",
            '<ul>\n<li>a</li>\n<li>b<br>\nc</li>\n</ul>\n<ol start="3">\n<li>x</li>\n<li>y</li>\n</ol>\n',
        ),
        ("> a\n> b", "> a\n> b\n", "<blockquote>\n<p>a<br>\nb</p>\n</blockquote>\n"),
        (
            "![a cup](https://e.example/a.png)",
            "a cup\n",
            '<p><img src="https://e.example/a.png" alt="a cup"></p>\n',
        ),
        ("<b>x</b> `y` <https://z.example>",) * 2 + ("<p>&lt;b&gt;x&lt;/b&gt; `y` &lt;https://z.example&gt;</p>\n",),
        ("[x](javascript:alert(1))",) * 2 + ("<p>[x](javascript:alert(1))</p>\n",),
        ("![x](data:image/svg+xml;base64,AA)",) * 2 + ("<p>![x](data:image/svg+xml;base64,AA)</p>\n",),
    ],
)
def test_one_source_makes_both_parts(markdown: str, text: str, shown: str) -> None:
    parts = make_parts(markdown, PLAIN)
    assert parts.text.rstrip("\n") == text.rstrip("\n")
    assert _inner(parts.html) == shown


def test_the_frame_is_plain_words_around_them_and_styles_are_inline() -> None:
    frame = Frame(
        language="ja",
        title="<Noren>",
        above=[FrameLine("喫茶のれん")],
        below=[FrameLine("株式会社 <のれん>"), FrameLine("配信停止", 'https://e.example/?a=1&b="2"')],
    )
    parts = make_parts("珈琲", frame)
    assert parts.text == ('喫茶のれん\n\n珈琲\n\n-- \n株式会社 <のれん>\n配信停止 (https://e.example/?a=1&b="2")\n')
    assert '<html lang="ja">' in parts.html
    assert "<title>&lt;Noren&gt;</title>" in parts.html
    assert "株式会社 &lt;のれん&gt;" in parts.html
    assert 'href="https://e.example/?a=1&amp;b=&quot;2&quot;"' in parts.html
    assert "<style" not in parts.html
    assert '<body style="' in parts.html


VALUES = st.text(st.sampled_from(list("#*_-+=.1) \t\n<>&;[]()!`~\\|\"'{}:/@http名a")), max_size=30)


@given(VALUES)
def test_a_value_is_shown_as_it_is_wherever_it_stands(value: str) -> None:
    shown = " ".join(value.split())
    escaped = escape_markdown(value)
    for source in ("{}", "{} a", "a {}", "a\n{}", "- {}", "a {} b", "# a {}"):
        parts = make_parts(source.replace("{}", escaped), PLAIN)
        tags = re.findall(r"<[^>]*>", _inner(parts.html))
        assert tags == re.findall(r"<[^>]*>", _inner(make_parts(source.replace("{}", "a"), PLAIN).html)) or not shown
        words = html.unescape(re.sub(r"<[^>]*>", "", _inner(parts.html)))
        assert shown in words
    href = re.search('href="([^"]*)"', make_parts(f"[x](https://e.example/{escaped})", PLAIN).html)
    if " " not in shown and shown:
        assert href is not None

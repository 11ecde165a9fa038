"""The picture in the docs is the machine's own table."""

from devtools.state_diagram import PAGE, draw, put_in


def test_the_page_shows_the_table_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert put_in(page) == page, "run: python -m devtools.state_diagram"
    assert draw() in page

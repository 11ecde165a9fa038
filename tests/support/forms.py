"""The forms of a page as a browser without scripts sends them."""

from html.parser import HTMLParser
from urllib.parse import urlencode

Fields = list[tuple[str, str]]


class _Reader(HTMLParser):
    """Of the form whose action ends so."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.fields, self.inside = action, list[tuple[str, str]](), False
        self.select: str | None = None
        self.options: list[tuple[str, bool]] = []
        self.area: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = told.get("action", "").endswith(self.action)
        if not self.inside or "disabled" in told:
            return
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in told):
            self.fields.append((name, told.get("value", "on" if kind in ("checkbox", "radio") else "")))
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "option" and self.select is not None:
            self.options.append((told.get("value", ""), "selected" in told))
        elif tag == "textarea":
            self.area, self.text = name, ""

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "select" and self.select is not None:
            chosen = [value for value, is_chosen in self.options if is_chosen] or [self.options[0][0]]
            self.fields.append((self.select, chosen[0]))
            self.select = None
        if tag == "textarea" and self.area is not None:
            self.fields.append((self.area, self.text.removeprefix("\n").replace("\n", "\r\n")))
            self.area = None


def read_form(page: str, action: str) -> Fields:
    reader = _Reader(action)
    reader.feed(page)
    assert reader.fields, f"there is no form for {action}"
    return reader.fields


def fill_in(fields: Fields, **changes: str | list[str] | None) -> Fields:
    """None: nothing is sent of it, as of a box that is not ticked."""
    kept = [(name, value) for name, value in fields if name not in changes]
    for name, value in changes.items():
        kept += [(name, each) for each in ([value] if isinstance(value, str) else value or [])]
    return kept


def as_body(fields: Fields) -> str:
    return urlencode(fields)

"""Write the requests of docs/app-guide.md from the API's description and its examples: ./run write app-guide

A place in the page is a pair of comments: `<!-- getMe -->` holds that operation's request and answer, and
`<!-- schema CouponPushData -->` the fields of that component.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from devtools.bootstrap import ROOT
from server.description.document import PATH

PAGE = ROOT / "docs" / "app-guide.md"
_PLACE = re.compile(r"<!-- (?P<name>\w+)(?P<query>(?: \?\S+)?) -->\n.*?<!-- /(?P=name) -->", re.DOTALL)
_SCHEMA = re.compile(r"<!-- schema (?P<name>\w+) -->\n.*?<!-- /schema (?P=name) -->", re.DOTALL)
_KEY = "019aa5c4-d1f0-7b3e-9a54-6c8e0f2b7d91"


class DescribedOperation(NamedTuple):
    method: str
    path: str
    content: Mapping[str, Any]


def read_operations() -> dict[str, DescribedOperation]:
    """By operation id, as the committed document has them."""
    paths = json.loads(PATH.read_text(encoding="utf-8"))["paths"]
    return {
        content["operationId"]: DescribedOperation(method.upper(), path, content)
        for path, item in paths.items()
        for method, content in item.items()
    }


def places_of(page: str) -> list[tuple[str, str]]:
    """The operations that the page shows, in its order, each with the query that it shows."""
    return [(found["name"], found["query"].strip()) for found in _PLACE.finditer(page)]


def put_in(page: str) -> str:
    """Raises KeyError for an operation or a component that there is not."""
    operations = read_operations()
    components = json.loads(PATH.read_text(encoding="utf-8"))["components"]["schemas"]

    def write_operation(found: re.Match[str]) -> str:
        name, query = found["name"], found["query"]
        text = _write_request(operations[name], query.strip()) + _write_answer(operations[name])
        return f"<!-- {name}{query} -->\n{text}<!-- /{name} -->"

    def write_schema(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- schema {name} -->\n{_write_table(components[name])}<!-- /schema {name} -->"

    return _SCHEMA.sub(write_schema, _PLACE.sub(write_operation, page))


def _write_request(operation: DescribedOperation, query: str) -> str:
    lines = [f"{operation.method} {operation.path}{query}"]
    if operation.content.get("security"):
        lines.append("Authorization: Bearer nrnd_…")
    if any(each["name"] == "Idempotency-Key" for each in operation.content.get("parameters", ())):
        lines.append(f"Idempotency-Key: {_KEY}")
    body = operation.content.get("requestBody")
    if body is not None:
        lines += ["", _spell(body["content"]["application/json"]["example"])]
    return "\n".join(["```http", *lines, "```", ""])


def _write_answer(operation: DescribedOperation) -> str:
    (status, answer), *_ = sorted(operation.content["responses"].items())
    example = answer.get("content", {}).get("application/json", {}).get("example")
    if example is None:
        return f"\n→ {status}\n"
    return "\n".join([f"\n→ {status}", "", "```json", _spell(example), "```", ""])


def _write_table(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = ["| field | | |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        kind = field.get("format") or " or ".join(f"`{each}`" for each in field.get("enum", ())) or field["type"]
        presence = "always" if name in required else "not always"
        rows.append(f"| `{name}` | {kind}, {presence} | {' '.join(field['description'].split())} |")
    return "\n".join(["", *rows, "", ""])


def _spell(value: object) -> str:
    """JSON as a person reads it: what fits into a line stands in one."""
    return _lay_out(value, "")


def _lay_out(value: object, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= 110 or not isinstance(value, dict | list):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(name)}: {_lay_out(each, inner)}" for name, each in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _lay_out(each, inner) for each in value) + f"\n{indent}]"


def main(page: Path = PAGE) -> None:
    page.write_text(put_in(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import Example

EXAMPLES: Mapping[str, Example] = {
    "registerCardKey": Example(
        request={
            "public_key": "BMZu9oUICFjBbRmhOqAAbMZyhfk4-GutEMA1RjC83JiWgs5xQpEpXEyw8sJjsNER3n2Ld4siDjNCE-CU-F6g-K8",
            "proof": "b54ivNl4wpia2nEzZaa1BDE38ebQqjKN_0z6wLCSRGq39D2LL07EehgYXwwuEKeX0ZESAqO6iQRac8X2arqoKg",
        }
    ),
}

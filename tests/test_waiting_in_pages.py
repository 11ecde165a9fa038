"""What a test waits for in a page is written as a function."""

import re

from devtools.bootstrap import ROOT

_WAITS = re.compile(r"wait_for_function\(\s*f?[\"'](?!\(\) =>|\w+ =>)")


def test_a_condition_is_a_function() -> None:
    """Playwright makes it once, as a debugger may; an expression anew at each look, which a page's CSP refuses."""
    waiting = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / "tests").rglob("*.py")
        if (found := _WAITS.findall(path.read_text(encoding="utf-8")))
    }
    assert waiting == {}

"""What is checked of the pages' JavaScript: its types (TypeScript) and what a linter knows to be a mistake (oxlint).

`python -m devtools.page_checks types` or `lint`.
"""

import subprocess
import sys

from devtools import browser_packages
from devtools.bootstrap import ROOT

_FRONTEND = ROOT / "frontend"
_TOOLS = {
    "types": ["typescript/bin/tsc", "--project", "."],
    "lint": ["oxlint/bin/oxlint", "--deny-warnings", "."],
}


def main(tool: str) -> int:
    if not browser_packages.is_ready(_FRONTEND, with_tools=True):
        print("The browser packages are missing: set-up said why. ./run check tries to install them again.")
        return 1
    script, *arguments = _TOOLS[tool]
    node = str(browser_packages.node_of(_FRONTEND))
    return subprocess.run([node, f"node_modules/{script}", *arguments], cwd=_FRONTEND).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""`./run write locks`: pin what pyproject.toml asks for, with hashes: `requirements.lock` for what serves,
`requirements-dev.lock` for that and the tools. What is pinned already stays, unless pyproject.toml asks for another.
"""

import subprocess
import sys

from devtools.bootstrap import ROOT

_COMPILE = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
_COMPILE += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--python-version", "3.11"]


def main() -> int:
    whole = subprocess.run([*_COMPILE, "--group", "dev", "--output-file", "requirements-dev.lock"], cwd=ROOT)
    if whole.returncode:
        return whole.returncode
    # The tools may hold a version back; what serves is then the one that was tested.
    bound = ["--constraint", "requirements-dev.lock", "--output-file", "requirements.lock"]
    return subprocess.run([*_COMPILE, *bound], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Compresses what browsers load of npm's packages as far as it goes: `file.br` beside each file.

Brotli at its best takes seconds, so it is done once, at set-up, by the Node.js that has installed them. Where a file
has none beside it, a server sends it gzipped.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from server.faces.assets import FRONTEND
from server.faces.packages import PACKAGE_FILES, PACKAGE_MODULES

_SCRIPT = """
const { readFileSync, writeFileSync } = require("node:fs");
const { brotliCompressSync } = require("node:zlib");
for (const path of process.argv.slice(1)) writeFileSync(path + ".br", brotliCompressSync(readFileSync(path)));
"""


def main(arguments: Sequence[str]) -> int:
    """`arguments`: where Node.js is."""
    paths = [FRONTEND / "node_modules" / each.path for each in (*PACKAGE_MODULES, *PACKAGE_FILES)]
    (node,) = arguments
    return subprocess.run([node, "-e", _SCRIPT, *map(str, filter(Path.is_file, paths))]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""python -m devtools demo | test | check"""

import sys
from collections.abc import Sequence
from importlib import import_module

from devtools.apt import SetupError, say


def main(arguments: Sequence[str]) -> int:
    command, rest = arguments[0], list(arguments[1:])
    # Each imports what the others do not need (rich, the server, pytest): load only the one that is asked for.
    modules = {"demo": "devtools.demo.command", "test": "devtools.testing", "check": "devtools.check"}
    module = import_module(modules[command])
    try:
        return int(module.main() if command == "check" else module.main(rest))
    except SetupError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""python -m devtools.demo.leash PARENT MODULE ARGUMENTS: run MODULE until it ends or its parent does.

Linux sends us SIGTERM when the parent is gone, however it went; so a demo that was killed leaves no server behind.
"""

import runpy
import sys

from server.runtime.processes import die_with


def main() -> None:
    parent_pid, module, *arguments = sys.argv[1:]
    die_with(int(parent_pid))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

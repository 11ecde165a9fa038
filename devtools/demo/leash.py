"""python -m devtools.demo.leash PARENT MODULE ARGUMENTS: run MODULE until it ends or its parent does.

Linux sends us SIGTERM when the parent is gone, however it went; so a demo that was killed leaves no server behind.
"""

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent_pid, module, *arguments = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent_pid):  # it went before we could ask
        return
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

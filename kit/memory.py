"""Memory that was freed, back to the system."""

import ctypes


def give_back_freed() -> None:
    """What glibc keeps for threads that may want it again: after a long load, as much as half of what is in use.

    Other C libraries have no such call. Takes some tens of milliseconds, in which other threads may wait for memory.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

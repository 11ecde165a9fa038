"""Work in a process of its own: what it returns and raises comes back, and a process that dies says so."""

import math
import os
import subprocess

import pytest

from geo.shapes import InvalidShape, check_circle
from kit.apart import Apart


async def test_what_it_returns_and_raises_comes_back() -> None:
    apart = Apart(at_once=1)
    assert await apart.run(math.hypot, 3, 4) == 5
    assert await apart.run(os.getpid) != os.getpid()
    with pytest.raises(InvalidShape) as caught:
        await apart.run(check_circle, 91.0, 0.0, 50.0)
    assert (caught.value.pointer, "latitude" in caught.value.reason) == ("/lat", True)


async def test_a_process_that_dies_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        await Apart(at_once=1).run(os._exit, 3)

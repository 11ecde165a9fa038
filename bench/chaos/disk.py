"""A disk of its own that can be filled to its last byte: a file with ext4 in it, mounted by a loop device.

What PostgreSQL meets on it is the kernel's own ENOSPC. To mount takes root and loop devices; where either is missing
there is no such disk.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.apt import say

_SIZE_BYTES = 3 * 2**30  # of which the file takes only what is written
_FILLER = "filler"
_LEAST_BYTES = 4096


class SmallDisk:
    def __init__(self, place: Path) -> None:
        self.place = place
        self._filler = place / _FILLER

    def fill(self) -> None:
        """Take what is left, in smaller and smaller pieces. Blocks are set aside, not written."""
        with self._filler.open("wb") as file:
            end, piece = 0, os.statvfs(self.place).f_bfree * os.statvfs(self.place).f_frsize
            while piece >= _LEAST_BYTES:
                try:
                    os.posix_fallocate(file.fileno(), end, piece)
                    end += piece
                except OSError:
                    piece //= 2

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk() -> Iterator[SmallDisk | None]:
    """None where it cannot be mounted, which is told."""
    folder = Path(tempfile.mkdtemp(prefix="noren-disk-", dir="/var/tmp"))
    image, place = folder / "image", folder / "disk"
    try:
        place.mkdir()
        with image.open("wb") as file:
            file.truncate(_SIZE_BYTES)
        failure = _run("mkfs.ext4", "-q", "-m", "0", str(image)) or _run("mount", "-o", "loop", str(image), str(place))
        if failure:
            say(f"no disk is filled in this run: {failure}")
            yield None
            return
        try:
            folder.chmod(0o711)  # PostgreSQL's own user must be able to enter it
            place.chmod(0o711)
            yield SmallDisk(place)
        finally:
            _run("umount", str(place))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> str:
    """What it said where it failed, else nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or [f"{command[0]} failed"])[-1]

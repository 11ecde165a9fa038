"""The PostgreSQL on this machine: the newest one that has PostGIS, wherever it lies, or one from apt."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devtools import apt

OLDEST_MAJOR = 15
_PROGRAMS = ("postgres", "initdb", "pg_ctl", "psql")

# Debian's postgresql package makes and starts a system cluster when it is first installed. This file, there only
# while apt runs, tells it not to.
_NO_CLUSTER = """
conf_dir=/etc/postgresql-common/createcluster.d
[ -d "$conf_dir" ] || made_dir=1
mkdir -p "$conf_dir"
echo 'create_main_cluster = false' > "$conf_dir/noren-setup.conf"
"""
_NO_CLUSTER_END = """
rm -f "$conf_dir/noren-setup.conf"
[ -z "${made_dir-}" ] || rmdir --ignore-fail-on-non-empty "$conf_dir"
"""


@dataclass(frozen=True)
class PostgresInstall:
    """PostgreSQL's programs of one version."""

    major: int
    bin_dir: Path

    def program(self, name: str) -> str:
        return str(self.bin_dir / name)

    def has_library(self, name: str) -> bool:
        """Whether a server can load it by this name. A build may have named it otherwise."""
        return (Path(_shown(self.bin_dir / "pg_config", "--pkglibdir")) / f"{name}.so").exists()


def find_or_install() -> PostgresInstall:
    """The newest PostgreSQL >= 15 with PostGIS, installed by apt if need be. Raises apt.SetupError."""
    found = find()
    if found is None:
        apt.install([_package_to_install()], before=_NO_CLUSTER, after=_NO_CLUSTER_END)
        found = find()
    if found is None:
        raise apt.SetupError("PostgreSQL with PostGIS is still not to be found; set DATABASE_URL to one")
    return found


def find() -> PostgresInstall | None:
    usable = [install for install in _installs() if install.major >= OLDEST_MAJOR and _has_postgis(install)]
    return max(usable, key=lambda install: install.major, default=None)


def _installs() -> Iterator[PostgresInstall]:
    for bin_dir in _bin_dirs():
        if all((bin_dir / name).exists() for name in _PROGRAMS):
            shown = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, text=True).stdout
            if version := re.search(r"\) (\d+)", shown):
                yield PostgresInstall(int(version[1]), bin_dir)


def _bin_dirs() -> list[Path]:
    """Places to look at. A link in PATH leads to the directory that holds the other programs too."""
    on_path = [Path(place) / "postgres" for place in os.get_exec_path()]
    dirs = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    dirs += [Path("/usr/local/pgsql/bin"), Path("/usr/local/bin")]
    dirs += [postgres.resolve().parent for postgres in on_path if postgres.exists()]
    return list(dict.fromkeys(dirs))


def _has_postgis(install: PostgresInstall) -> bool:
    pg_config = install.bin_dir / "pg_config"
    if not pg_config.exists():
        return False
    return (Path(_shown(pg_config, "--sharedir")) / "extension" / "postgis.control").exists()


def _shown(pg_config: Path, place: str) -> str:
    return subprocess.run([pg_config, place], capture_output=True, text=True).stdout.strip()


def _package_to_install() -> str:
    """PostGIS for a PostgreSQL that is here already, else for the newest that apt offers."""
    here = {install.major for install in _installs()}
    offered = _offered_majors()
    if not offered:
        apt.refresh_lists()
        offered = _offered_majors()
    usable = [major for major in offered if major >= OLDEST_MAJOR]
    if shutil.which("apt-get") is None or (offered and not usable):
        raise apt.SetupError(
            f"PostgreSQL {OLDEST_MAJOR} or newer with PostGIS is missing here; set DATABASE_URL to one"
        )
    if not usable:
        return "postgresql-postgis"
    return f"postgresql-{max(usable, key=lambda major: (major in here, major))}-postgis-3"


def _offered_majors() -> list[int]:
    names = apt.search("^postgresql-[0-9]+-postgis-3$")
    return [int(name.split("-")[1]) for name in names]

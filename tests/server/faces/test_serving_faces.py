"""The faces of a real server: what it says at its start."""

from pathlib import Path

import pytest

from server import __main__ as serving
from server.app import create_app
from server.faces import assets
from server.faces.assets import MissingPackages, read_assets
from server.faces.packages import PackageFile
from server.settings import Settings
from tests.support import live
from tests.support.databases import SECRET_KEY

SHARED = "http://localhost:8080"


async def test_a_shared_origin_is_served_and_warned_of(database: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    served = live.start(database, SECRET_KEY, log, NOREN_CONSOLE_URL=SHARED, NOREN_CARD_URL=SHARED)
    with live.ended(served):
        await live.wait_until_ready(served)
        async with served.client() as http:
            here = await http.get("/console/sign-in", headers={"Host": "localhost:8080"})
            elsewhere = await http.get("/console/sign-in")
        assert (here.status_code, elsewhere.status_code) == (200, 404)
        assert served.stop() == 0
    assert log.read_text().count("NOREN_CONSOLE_URL and NOREN_CARD_URL are one origin") == 1


def test_without_the_browser_packages_a_server_with_faces_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "PACKAGE_MODULES", [PackageFile("it", "not-there/it.js", ("console",))])
    read_assets.cache_clear()
    settings = Settings(database_url="postgresql://db/noren", secret_key=SECRET_KEY)
    create_app(settings)
    with pytest.raises(MissingPackages) as refused:
        create_app(Settings(database_url="postgresql://db/noren", secret_key=SECRET_KEY, console_url=SHARED))
    read_assets.cache_clear()
    assert isinstance(refused.value, serving._CANNOT_START), "it is said in one line"

"""The clients of providers that one process has, each made when it is first needed."""

import asyncio
import importlib
from typing import TYPE_CHECKING

from channels.phone.direct_client import DirectClient

if TYPE_CHECKING:
    from channels.phone.dialect_client import DialectClient

# The SDK loads these when they are first used: half a second that no loop is to wait for.
_SDK_PARTS = ("twilio.rest.api.v2010.account.message", "twilio.rest.api.v2010.account.call")


class Lines:
    """Shared by the channels of texts and calls."""

    def __init__(self) -> None:
        self._dialect: DialectClient | None = None
        self._direct: DirectClient | None = None

    async def open_dialect(self) -> "DialectClient":
        return self._dialect or self._keep(await asyncio.to_thread(_load_dialect))

    def open_direct(self) -> DirectClient:
        if self._direct is None:
            self._direct = DirectClient()
        return self._direct

    def _keep(self, client: "type[DialectClient]") -> "DialectClient":
        """Somebody else may have been faster."""
        if self._dialect is None:
            self._dialect = client()
        return self._dialect

    async def close(self) -> None:
        dialect, direct = self._dialect, self._direct
        self._dialect = self._direct = None
        if dialect is not None:
            await dialect.close()
        if direct is not None:
            await direct.close()


def _load_dialect() -> "type[DialectClient]":
    from channels.phone.dialect_client import DialectClient  # noqa: PLC0415 - the SDK takes a second and 28 MB

    for name in _SDK_PARTS:
        importlib.import_module(name)
    return DialectClient

"""A service account as firebase-admin reads it, and its access token, fetched where it is needed. It blocks."""

import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import firebase_admin
from firebase_admin import credentials
from google.auth.credentials import TokenState
from google.auth.transport.requests import Request

from kit.ids import new_id
from push.fcm_errors import read_error
from push.sender import SendError


class FcmAccount:
    def __init__(self, account: Path | Mapping[str, str], timeout_s: float) -> None:
        """Raises ValueError or OSError for an account that cannot be read."""
        certificate = credentials.Certificate(str(account) if isinstance(account, Path) else dict(account))
        self.app: Any = firebase_admin.initialize_app(certificate, {"httpTimeout": timeout_s}, name=f"noren-{new_id()}")
        self._credential = certificate.get_credential()
        self.timeout_s = timeout_s
        self._refreshing = threading.Lock()

    @property
    def fresh_token(self) -> str | None:
        """None: it must be refreshed."""
        is_fresh = self._credential.token_state is TokenState.FRESH
        return str(self._credential.token) if is_fresh else None

    def refresh(self, *, refused: str | None = None) -> SendError | None:
        """Fetch an access token where it is needed: once for all who ask. `refused`: one that is good no more."""
        with self._refreshing:
            if self.fresh_token not in (None, refused):
                return None
            try:
                self._credential.refresh(partial(Request(), timeout=self.timeout_s))
            except Exception as error:
                return read_error(error)
        return None

    def close(self) -> None:
        """It runs a loop of its own, so it must not be called on one."""
        firebase_admin.delete_app(self.app)

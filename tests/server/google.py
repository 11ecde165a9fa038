"""A Google of our own for an application."""

import json
from pathlib import Path
from typing import Any

from devtools.google_wallet_double import GoogleWalletDouble


def settings_of(double: GoogleWalletDouble, folder: Path) -> dict[str, Any]:
    """Settings by which an application takes the double for Google; its account is a file in `folder`."""
    account = folder / "google-account.json"
    account.write_text(json.dumps(double.service_account))
    return {
        "google_wallet_service_account": account,
        "google_wallet_issuer": double.issuer_id,
        "google_wallet_endpoint": double.endpoint,
    }

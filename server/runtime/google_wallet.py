"""Google Wallet as it is set up here: whose account speaks for this installation."""

from cards import google_wallet
from cards.google_wallet import GoogleWallet
from server.setting_values import BadSetting
from server.settings import Settings


def open_google_wallet(settings: Settings) -> GoogleWallet | None:
    """None where the operator has set no account for it. Raises BadSetting."""
    if settings.google_wallet_service_account is None or settings.google_wallet_issuer is None:
        return None
    try:
        return google_wallet.open_google_wallet(
            settings.google_wallet_service_account, settings.google_wallet_issuer, settings.google_wallet_endpoint
        )
    except (ValueError, OSError) as error:
        must = "must be the JSON file of a Google Cloud service account"
        raise BadSetting("NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT", must) from error

"""Google's token endpoint, when it does not answer."""

import asyncio
import json
from pathlib import Path

import pytest

from cards import google_wallet
from cards.google_outcomes import WalletBusy
from cards.google_pass import describe_ending
from cards.google_wallet import open_google_wallet
from devtools.google_wallet_double import GoogleWalletDouble
from kit.ids import new_id
from tests.support.waiting import PATIENCE_S


async def test_a_token_endpoint_that_cannot_be_reached_is_no_refusal(
    google: GoogleWalletDouble, tmp_path: Path
) -> None:
    """A lock would stop everything for five minutes, and call for somebody to mend the account."""
    nobody_there = {"token_uri": "http://127.0.0.1:9/token"}
    account = tmp_path / "account.json"
    account.write_text(json.dumps(google.service_account | nobody_there))
    wallet = open_google_wallet(account, google.issuer_id, google.endpoint)
    with pytest.raises(WalletBusy):
        await wallet.end(describe_ending(google.issuer_id, new_id()))
    await wallet.close()


async def test_a_token_endpoint_that_never_answers_is_given_up_soon(
    google: GoogleWalletDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_wallet, "TIMEOUT_S", 0.2)
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(600), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    account = tmp_path / "account.json"
    account.write_text(json.dumps(google.service_account | {"token_uri": f"http://127.0.0.1:{port}/token"}))
    wallet = open_google_wallet(account, google.issuer_id, google.endpoint)
    with pytest.raises(WalletBusy):
        await asyncio.wait_for(wallet.end(describe_ending(google.issuer_id, new_id())), PATIENCE_S)
    await wallet.close()
    silent.close()

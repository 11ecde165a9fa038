#!/bin/sh
# twilio 9.13.0 beside aiohttp 3.14.5, which its own requirements let in: every call of the asynchronous client builds an object
# that aiohttp has deprecated. Where warnings of that kind are errors, as in careful test suites, nothing is ever sent.
# Seen: the first request raises a DeprecationWarning before a connection is opened. Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "twilio==${1:-9.13.0}" aiohttp==3.14.5
"$folder/venv/bin/python" - <<'END'
import asyncio
import sys
import warnings

from twilio.http.async_http_client import AsyncTwilioHttpClient

warnings.simplefilter("error", DeprecationWarning)


async def ask():
    async with AsyncTwilioHttpClient() as client:
        await client.request("GET", "http://127.0.0.1:9/", auth=("account", "token"))


try:
    asyncio.run(ask())
except DeprecationWarning as warning:
    print("raised before sending:", warning)
    sys.exit(0)
except Exception as error:
    print("came to the network:", type(error).__name__)
sys.exit(1)
END

#!/bin/sh
# twilio 9.13.0: AsyncTwilioHttpClient takes a time-out and keeps it, and no request ever has it. A request that names none of
# its own, as every call of the REST client, is handed to aiohttp with none at all, which switches off aiohttp's own five
# minutes too. The synchronous client of the same package does use its time-out.
# Seen: a server that answers after 2 s, a client with 0.2 s: the asynchronous one waits for the answer, the other one gives up.
# Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "twilio==${1:-9.13.0}" aiohttp==3.14.5
"$folder/venv/bin/python" - <<'END'
import asyncio
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient


class Late(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(2)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        try:
            self.wfile.write(b"{}")
        except OSError:
            pass

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Late)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"


async def ask():
    async with AsyncTwilioHttpClient(timeout=0.2) as client:
        return (await client.request("GET", url)).status_code


try:
    asynchronous = str(asyncio.run(ask()))
except TimeoutError:
    asynchronous = "gave up"
try:
    synchronous = str(TwilioHttpClient(timeout=0.2).request("GET", url).status_code)
except requests.exceptions.Timeout:
    synchronous = "gave up"
print(f"asynchronous: {asynchronous}; synchronous: {synchronous}")
sys.exit((asynchronous, synchronous) != ("200", "gave up"))
END

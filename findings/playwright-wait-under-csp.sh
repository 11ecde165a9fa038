#!/bin/sh
# Playwright 1.65 for Python: on a page whose policy has no 'unsafe-eval', `wait_for_function` with an expression is looked
# at once; where it is not true at once, the next look is refused by the policy (EvalError) and the wait fails. The same
# condition as a function waits. Needs a Chromium (`CHROMIUM` names it; else `chromium`).
# Seen: the expression fails with EvalError, the function is waited for. Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "playwright==${1:-1.65.0}"
CHROMIUM=${CHROMIUM:-$(command -v chromium)} "$folder/venv/bin/python" - <<'END_OF_PYTHON'
import os
import sys

from playwright.sync_api import Error, sync_playwright

PAGE = """<!doctype html><title>0</title><script nonce="n">setTimeout(() => { document.title = "1" }, 700)</script>"""
POLICY = {"Content-Security-Policy": "default-src 'self'; script-src 'nonce-n'"}


def wait_for(page, condition):
    page.goto("http://page.test/")
    try:
        page.wait_for_function(condition, timeout=10_000)
    except Error as error:
        return "refused" if "EvalError" in str(error) else str(error)
    return "waited"


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html", headers=POLICY))
    seen = {condition: wait_for(page, condition) for condition in ("document.title === '1'", "() => document.title === '1'")}
    browser.close()
print(seen)
sys.exit(list(seen.values()) != ["refused", "waited"])
END_OF_PYTHON

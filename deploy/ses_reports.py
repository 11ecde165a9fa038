# ruff: noqa: INP001 - it is copied into a function, and is in no package
"""Hands what Amazon SES tells an SNS topic of e-mails on to Noren: a function for AWS Lambda, with nothing to install.

Subscribe it to the topic of the identity's bounces and complaints, and let SES include the original headers: there
stands the Message-ID that Noren gave, which SES replaces. AWS lets nobody but the topic call it. Settings: NOREN_URL,
the server's public address, and NOREN_MAIL_REPORT_KEY, as the server has it. What fails is raised, so that SNS tries
again.
"""

import hmac
import json
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

_AT_ONCE, _TIMEOUT_S = 100, 10


def handler(event: Mapping[str, Any], _: object = None) -> None:
    reports = [report for record in event["Records"] for report in read_reports(record["Sns"]["Message"])]
    for start in range(0, len(reports), _AT_ONCE):
        _post(reports[start : start + _AT_ONCE])


def read_reports(message: str) -> Iterator[dict[str, str]]:
    """None of what is neither a bounce nor a complaint, and of an e-mail whose headers SES has left out."""
    told = json.loads(message)
    kind = {"Bounce": "failed", "Complaint": "complained"}.get(told.get("notificationType") or told.get("eventType"))
    headers = told.get("mail", {}).get("headers", [])
    message_id = next((each["value"] for each in headers if each["name"].lower() == "message-id"), None)
    if kind is None or message_id is None:
        return
    if told.get("bounce", {}).get("bounceType") == "Permanent":
        kind = "bounced"
    yield {"message_id": message_id, "kind": kind}


def sign(key: str, body: bytes, timestamp: str) -> str:
    return hmac.new(key.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()


def _post(reports: list[dict[str, str]]) -> None:
    body, timestamp = json.dumps({"reports": reports}).encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Noren-Timestamp": timestamp,
        "X-Noren-Signature": sign(os.environ["NOREN_MAIL_REPORT_KEY"], body, timestamp),
    }
    url = f"{os.environ['NOREN_URL'].rstrip('/')}/mail/v1/reports"
    urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=_TIMEOUT_S).close()  # noqa: S310

"""What SES tells a topic is posted as Noren takes it; the samples have the shape of SES's own documentation."""

import importlib.util
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from kit.clock import utc_now
from kit.signed_posts import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_signed

KEY = "k" * 32
_SPEC = importlib.util.spec_from_file_location("ses_reports", Path(__file__).parents[2] / "deploy" / "ses_reports.py")
assert _SPEC is not None
assert _SPEC.loader is not None
ses_reports: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(ses_reports)


def told(number: int, **said: Any) -> dict[str, Any]:
    """A record of a topic about the e-mail of that number."""
    headers = [
        {"name": "From", "value": "a@kissa.example"},
        {"name": "Message-ID", "value": f"<{number}@kissa.example>"},
    ]
    mail = {"messageId": "00000138111222aa-33322211", "headersTruncated": False, "headers": headers}
    return {"Sns": {"Message": json.dumps({"mail": mail} | said)}}


def test_bounces_and_complaints_are_posted_signed_and_the_rest_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[tuple[str, bytes, Any]] = []

    class Noren(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"])), self.headers))
            self.send_response(200 if len(posted) < 2 else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Noren)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NOREN_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("NOREN_MAIL_REPORT_KEY", KEY)
    records = [
        told(1, notificationType="Bounce", bounce={"bounceType": "Permanent", "bounceSubType": "General"}),
        told(2, eventType="Bounce", bounce={"bounceType": "Transient", "bounceSubType": "MailboxFull"}),
        told(3, notificationType="Complaint", complaint={"complaintFeedbackType": "abuse"}),
        told(4, notificationType="Delivery", delivery={}),
        {"Sns": {"Message": json.dumps({"notificationType": "Bounce", "bounce": {}, "mail": {"messageId": "1"}})}},
    ]
    try:
        ses_reports.handler({"Records": records}, None)
        with pytest.raises(OSError, match="401"):
            ses_reports.handler({"Records": records}, None)
        ses_reports.handler({"Records": records[3:]}, None)
    finally:
        server.shutdown()
        server.server_close()
    (path, body, headers), _ = posted
    assert path == "/mail/v1/reports"
    assert is_signed(KEY, body, headers[TIMESTAMP_HEADER], headers[SIGNATURE_HEADER], utc_now())
    kinds = {each["message_id"]: each["kind"] for each in json.loads(body)["reports"]}
    assert kinds == {"<1@kissa.example>": "bounced", "<2@kissa.example>": "failed", "<3@kissa.example>": "complained"}

"""What mail servers write: a delivery report (RFC 3464) and a complaint (RFC 5965)."""

from typing import Literal

Enclosed = Literal["message/rfc822", "text/rfc822-headers"]


def a_delivery_report(
    message_id: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    to: str = "bounces@kissa.example",
    enclosed: Enclosed = "text/rfc822-headers",
) -> bytes:
    told = (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; hana@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <hana@example.com>: unknown\r\n"
    )
    return _report("delivery-status", told, message_id, to, enclosed)


def a_complaint(message_id: str, *, feedback: str = "abuse", enclosed: Enclosed = "message/rfc822") -> bytes:
    told = f"Feedback-Type: {feedback}\r\nUser-Agent: Provider/1\r\nVersion: 1\r\n"
    return _report("feedback-report", told, message_id, "bounces@kissa.example", enclosed)


def _report(kind: str, told: str, message_id: str, to: str, enclosed: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        f"--B\r\nContent-Type: message/{kind}\r\n\r\n{told}\r\n"
        f"--B\r\nContent-Type: {enclosed}\r\n\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\nwords\r\n"
        "--B--\r\n"
    ).encode()

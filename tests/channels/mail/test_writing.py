"""What stands in an e-mail's headers, whoever has written it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest

from channels.mail.writing import write_mail
from channels.messages import EmailMessage

NOON = datetime(2026, 11, 28, 3, tzinfo=UTC)


@pytest.mark.parametrize("field", ["subject", "sender_name"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nBcc: all@example.com", "a Bcc: all@example.com"),
        ("a\nb\x00\x0b\u2028\ud800c", "a b c"),
        # The standard library reads it, and wrote what it says into a line of its own.
        ("=?utf-8?q?x=0ABcc:_all=40example.com?=", "= ?utf-8?q?x=0ABcc:_all=40example.com?="),
        ('喫茶"さくら", <evil@bank.example>', '喫茶"さくら", <evil@bank.example>'),
    ],
)
def test_no_header_can_be_slipped_in(field: str, text: str, shown: str) -> None:
    message = msgspec.structs.replace(EmailMessage("hana@example.com", "豆", "豆"), **{field: text})
    written = write_mail(message, sender="Kissa <mail@kissa.example>", message_id="<1@kissa.example>", now=NOON)
    read = message_from_bytes(written, policy=default)
    assert "bcc" not in read
    assert len(read["from"].addresses) == 1
    assert read["from"].addresses[0].addr_spec == "mail@kissa.example"
    assert (read["subject"] if field == "subject" else read["from"].addresses[0].display_name) == shown

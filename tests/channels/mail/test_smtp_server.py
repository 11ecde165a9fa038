"""Which mail server a URL names."""

import pytest

from channels.mail.smtp_server import SmtpServer, parse_smtp_url

LOGIN = ("n@me", "p/w")


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "start_tls", "login"),
    [
        ("smtps://n%40me:p%2Fw@mail.test", "mail.test", 465, True, False, LOGIN),
        ("smtp://mail.test", "mail.test", 587, False, True, (None, None)),
        ("smtp://mail.test:25", "mail.test", 25, False, True, (None, None)),
        ("smtp://localhost:1025", "localhost", 1025, False, False, (None, None)),
        ("smtp://[::1]:1025", "::1", 1025, False, False, (None, None)),
    ],
)
def test_urls_of_mail_servers(
    url: str, host: str, port: int, tls: bool, start_tls: bool, login: tuple[str | None, str | None]
) -> None:
    wanted = SmtpServer(host=host, port=port, use_tls=tls, start_tls=start_tls, username=login[0], password=login[1])
    assert parse_smtp_url(url) == wanted


@pytest.mark.parametrize("url", ["", "mail.test", "http://mail.test", "smtp://", "smtp://mail.test/x", "smtp://m:x"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(ValueError):
        parse_smtp_url(url)

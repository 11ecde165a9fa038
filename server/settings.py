"""Settings from the environment, each with its meaning in docs/settings.md (a test holds the two together)."""

import base64
import binascii
import os
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, TypeVar, get_args

import msgspec

from cards.pass_signing import PassFile, UnusablePassFile, read_signer
from channels.smtp import parse_smtp_url
from members.contact_faults import UnusableContact
from members.email_addresses import parse_email_address

LogFormat = Literal["json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]
LOG_FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)

T = TypeVar("T", bound=str)


class BadSetting(ValueError):
    """Names the setting and says what it must be. Never carries the value: it may be a secret."""

    def __init__(self, name: str, must: str) -> None:
        super().__init__(f"{name} {must}")
        self.name = name


class Settings(msgspec.Struct, frozen=True):
    database_url: str
    secret_key: bytes
    host: str = "127.0.0.1"
    port: int = 8080
    processes: int = 1
    trusted_proxies: str = "127.0.0.1"
    database_connections: int = 12
    fcm_service_account: Path | None = None
    fcm_endpoint: str | None = None
    google_wallet_service_account: Path | None = None
    google_wallet_issuer: str | None = None
    google_wallet_endpoint: str | None = None
    smtp_url: str | None = None
    smtp_sender: str | None = None
    message_sink: Path | None = None
    app_check_jwks: str | None = None
    public_url: str | None = None
    apple_pass_certificate: Path | None = None
    apple_pass_key: Path | None = None
    apple_wwdr_certificate: Path | None = None
    apns_endpoint: str | None = None
    metrics_token: str | None = None
    transition_days: int = 90
    log_level: LogLevel = "info"
    log_format: LogFormat = "json"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadSetting for the first one that is missing or wrong."""
    fcm_service_account = _text(environ, "NOREN_FCM_SERVICE_ACCOUNT")
    apple_certificate, apple_key, apple_intermediate = _apple_pass_files(environ)
    return Settings(
        database_url=_database_url(environ),
        secret_key=_secret_key(environ),
        host=_text(environ, "NOREN_HOST") or "127.0.0.1",
        port=_whole(environ, "NOREN_PORT", 8080, 0, 65_535),
        processes=_whole(environ, "NOREN_PROCESSES", 1, 1, 64),
        trusted_proxies=_text(environ, "NOREN_TRUSTED_PROXIES") or "127.0.0.1",
        database_connections=_whole(environ, "NOREN_DATABASE_CONNECTIONS", 12, 4, 100),
        fcm_service_account=_file("NOREN_FCM_SERVICE_ACCOUNT", fcm_service_account),
        fcm_endpoint=_url(environ, "NOREN_FCM_ENDPOINT"),
        google_wallet_service_account=_file(
            "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT", _text(environ, "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT")
        ),
        google_wallet_issuer=_google_wallet_issuer(environ),
        google_wallet_endpoint=_url(environ, "NOREN_GOOGLE_WALLET_ENDPOINT"),
        smtp_url=_smtp_url(environ),
        smtp_sender=_smtp_sender(environ),
        message_sink=_file_to_write("NOREN_MESSAGE_SINK", _text(environ, "NOREN_MESSAGE_SINK")),
        app_check_jwks=_url(environ, "NOREN_APP_CHECK_JWKS"),
        public_url=_public_url(environ),
        apple_pass_certificate=apple_certificate,
        apple_pass_key=apple_key,
        apple_wwdr_certificate=apple_intermediate,
        apns_endpoint=_url(environ, "NOREN_APNS_ENDPOINT"),
        metrics_token=_text(environ, "NOREN_METRICS_TOKEN"),
        transition_days=_whole(environ, "NOREN_TRANSITION_DAYS", 90, 1, 3650),
        log_level=_choice(environ, "NOREN_LOG_LEVEL", LOG_LEVELS, "info"),
        log_format=_choice(environ, "NOREN_LOG_FORMAT", LOG_FORMATS, "json"),
    )


def read_database_url(environ: Mapping[str, str] = os.environ) -> str:
    """The one setting that the admin commands need. Raises BadSetting."""
    return _database_url(environ)


def read_secret_key(environ: Mapping[str, str] = os.environ) -> bytes:
    """For the one admin command that writes what the server looks up by keyed hashes. Raises BadSetting."""
    return _secret_key(environ)


def _text(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None


def _database_url(environ: Mapping[str, str]) -> str:
    url = _text(environ, "DATABASE_URL")
    if url is None or not url.startswith(("postgresql://", "postgres://")):
        raise BadSetting("DATABASE_URL", "must be a PostgreSQL URL, such as postgresql://noren@db.internal/noren")
    return url


def _secret_key(environ: Mapping[str, str]) -> bytes:
    must = "must be 32 or more random bytes in base64 (make one with: head -c 32 /dev/urandom | base64)"
    try:
        key = base64.b64decode(environ.get("NOREN_SECRET_KEY", ""), validate=True)
    except binascii.Error:
        raise BadSetting("NOREN_SECRET_KEY", must) from None
    if len(key) < 32:
        raise BadSetting("NOREN_SECRET_KEY", must)
    return key


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = _text(environ, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise BadSetting(name, f"must be a whole number from {least} to {most}")
    return int(text)


def _file(name: str, text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text)
    if not path.is_file():
        raise BadSetting(name, "must be the path of a file that can be read")
    return path


def _file_to_write(name: str, text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text)
    if not path.parent.is_dir() or path.is_dir():
        raise BadSetting(name, "must be the path of a file in a folder that is there")
    return path


def _google_wallet_issuer(environ: Mapping[str, str]) -> str | None:
    """Needed with NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT and of no use without."""
    issuer, name = _text(environ, "NOREN_GOOGLE_WALLET_ISSUER"), "NOREN_GOOGLE_WALLET_ISSUER"
    if (issuer is None) != (_text(environ, "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT") is None):
        raise BadSetting(name, "must be set together with NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT, or not at all")
    if issuer is not None and not (issuer.isascii() and issuer.isdigit() and len(issuer) <= 20):
        raise BadSetting(name, "must be the issuer's number from the Google Pay & Wallet Console")
    return issuer


def _smtp_url(environ: Mapping[str, str]) -> str | None:
    url = _text(environ, "NOREN_SMTP_URL")
    if url is None:
        return None
    try:
        parse_smtp_url(url)
    except ValueError:
        raise BadSetting(
            "NOREN_SMTP_URL", "must be smtp:// or smtps:// with a host, and name and password if it needs them"
        ) from None
    return url


def _smtp_sender(environ: Mapping[str, str]) -> str | None:
    """An address, alone or as `Name <address>`; needed with NOREN_SMTP_URL and of no use without."""
    sender, name = _text(environ, "NOREN_SMTP_SENDER"), "NOREN_SMTP_SENDER"
    if (sender is None) != (_text(environ, "NOREN_SMTP_URL") is None):
        raise BadSetting(name, "must be set together with NOREN_SMTP_URL, or not at all")
    if sender is not None:
        try:
            parse_email_address(parseaddr(sender)[1])
        except UnusableContact:
            raise BadSetting(name, "must be an e-mail address, such as Kissa Sakura <noreply@kissa.example>") from None
    return sender


def _url(environ: Mapping[str, str], name: str) -> str | None:
    url = _text(environ, name)
    if url is not None and not url.startswith(("http://", "https://")):
        raise BadSetting(name, "must be an http:// or https:// URL")
    return url


def _public_url(environ: Mapping[str, str]) -> str | None:
    url = _url(environ, "NOREN_PUBLIC_URL")
    return None if url is None else url.rstrip("/")


def _apple_pass_files(environ: Mapping[str, str]) -> tuple[Path, Path, Path] | tuple[None, None, None]:
    """All three or none; they must belong together."""
    names: dict[PassFile, str] = {
        "certificate": "NOREN_APPLE_PASS_CERTIFICATE",
        "key": "NOREN_APPLE_PASS_KEY",
        "intermediate": "NOREN_APPLE_WWDR_CERTIFICATE",
    }
    if not any(_text(environ, name) for name in names.values()):
        return None, None, None
    for name in (*names.values(), "NOREN_PUBLIC_URL"):
        if _text(environ, name) is None:
            raise BadSetting(name, "must be set: Apple Wallet needs all of its three files, and NOREN_PUBLIC_URL")
    certificate, key, intermediate = (Path(environ[name].strip()) for name in names.values())
    try:
        read_signer(*(_read_file(name, _text(environ, name)) for name in names.values()))
    except UnusablePassFile as error:
        raise BadSetting(names[error.file], error.must) from None
    return certificate, key, intermediate


def _read_file(name: str, text: str | None) -> bytes:
    path = _file(name, text)
    try:
        return b"" if path is None else path.read_bytes()
    except OSError:
        raise BadSetting(name, "must be the path of a file that can be read") from None


def _choice(environ: Mapping[str, str], name: str, choices: tuple[T, ...], default: T) -> T:
    text = _text(environ, name)
    chosen = default if text is None else next((choice for choice in choices if choice == text), None)
    if chosen is None:
        raise BadSetting(name, f"must be one of {', '.join(choices)}")
    return chosen

"""Settings from the environment, each with its meaning in docs/settings.md (a test holds the two together)."""

import os
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, get_args

import msgspec

from cards.pass_signing import PassFile, UnusablePassFile, read_signer
from channels.mail.smtp_server import parse_smtp_url
from members.contact_faults import UnusableContact
from members.email_addresses import parse_email_address
from push.fcm import FcmClient
from push.web_config import parse_web_config
from server.setting_values import (
    Reading,
    find_base_map_fault,
    find_database_url_fault,
    find_networks_fault,
    find_origins_fault,
    find_page_origin_fault,
    find_urls_fault,
)

DIALECT_URL = "https://api.twilio.com"  # where Twilio speaks its own
LogFormat = Literal["json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]
LOG_FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
FCM_CLIENTS: tuple[FcmClient, ...] = get_args(FcmClient)
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)

_APPLE_FILES: dict[PassFile, str] = {
    "certificate": "NOREN_APPLE_PASS_CERTIFICATE",
    "key": "NOREN_APPLE_PASS_KEY",
    "intermediate": "NOREN_APPLE_WWDR_CERTIFICATE",
}


class Settings(msgspec.Struct, frozen=True):
    database_url: str
    secret_key: bytes
    reports_database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    processes: int = 1
    trusted_proxies: str = "127.0.0.1"
    connections: int = 5000
    connections_per_address: int = 256
    database_connections: int = 12
    fcm_service_account: Path | None = None
    fcm_endpoint: str | None = None
    fcm_client: FcmClient = "direct"
    fcm_web_config: Path | None = None
    google_wallet_service_account: Path | None = None
    google_wallet_issuer: str | None = None
    google_wallet_endpoint: str | None = None
    line_endpoint: str | None = None
    liff_sdk_url: str | None = None
    messenger_endpoint: str | None = None
    smtp_url: str | None = None
    smtp_sender: str | None = None
    bounce_address: str | None = None
    mail_report_key: str | None = None
    message_sink: Path | None = None
    app_check_jwks: str | None = None
    public_url: str | None = None
    phone_urls: str = DIALECT_URL
    apple_pass_certificate: Path | None = None
    apple_pass_key: Path | None = None
    apple_wwdr_certificate: Path | None = None
    apns_endpoint: str | None = None
    web_origins: str | None = None
    console_url: str | None = None
    card_url: str | None = None
    till_url: str | None = None
    base_map: str | None = None
    metrics_token: str | None = None
    ready_catalogue_age_s: int = 30
    unready_s: int = 0
    drain_s: int = 10
    transition_days: int = 90
    log_level: LogLevel = "info"
    log_format: LogFormat = "json"
    otel_exporter_otlp_endpoint: str | None = None


# Read elsewhere: by `./run`, its tests and the verbs of `./run admin`.
_OTHER_SETTINGS = frozenset(
    {
        "NOREN_STATE_DIR",
        "NOREN_OWNER_PASSWORD",
        "NOREN_NEXT_SECRET_KEY",
        "NOREN_CHROMIUM",
        "NOREN_TEST_PGBOUNCER",
    }
)
# Others have named these, and platforms set them.
_STANDARD = frozenset({"DATABASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"})


def name_of_setting(field: str) -> str:
    """`field` of Settings, as the environment has it."""
    name = field.upper()
    return name if name in _STANDARD else f"NOREN_{name}"


SETTINGS = frozenset(name_of_setting(field.name) for field in msgspec.structs.fields(Settings))


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadSettings with all that is missing or wrong."""
    reading = Reading(environ)
    reading.refuse_unknown(SETTINGS | _OTHER_SETTINGS)
    apple_certificate, apple_key, apple_intermediate = _apple_pass_files(reading)
    _refuse_half_settings(reading)
    settings = Settings(
        database_url=_database_url(reading),
        secret_key=reading.secret("NOREN_SECRET_KEY"),
        reports_database_url=reading.checked("NOREN_REPORTS_DATABASE_URL", find_database_url_fault),
        host=reading.text("NOREN_HOST") or "127.0.0.1",
        port=reading.whole("NOREN_PORT", 8080, 0, 65_535),
        processes=reading.whole("NOREN_PROCESSES", 1, 1, 64),
        trusted_proxies=reading.checked("NOREN_TRUSTED_PROXIES", find_networks_fault) or "127.0.0.1",
        connections=reading.whole("NOREN_CONNECTIONS", 5000, 10, 1_000_000),
        connections_per_address=reading.whole("NOREN_CONNECTIONS_PER_ADDRESS", 256, 1, 1_000_000),
        database_connections=reading.whole("NOREN_DATABASE_CONNECTIONS", 12, 4, 100),
        fcm_service_account=reading.file("NOREN_FCM_SERVICE_ACCOUNT"),
        fcm_endpoint=reading.url("NOREN_FCM_ENDPOINT"),
        fcm_client=reading.choice("NOREN_FCM_CLIENT", FCM_CLIENTS, "direct"),
        fcm_web_config=_fcm_web_config(reading),
        google_wallet_service_account=reading.file("NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT"),
        google_wallet_issuer=reading.checked("NOREN_GOOGLE_WALLET_ISSUER", _find_issuer_fault),
        google_wallet_endpoint=reading.url("NOREN_GOOGLE_WALLET_ENDPOINT"),
        line_endpoint=reading.url("NOREN_LINE_ENDPOINT"),
        liff_sdk_url=reading.url("NOREN_LIFF_SDK_URL"),
        messenger_endpoint=reading.url("NOREN_MESSENGER_ENDPOINT"),
        smtp_url=reading.checked("NOREN_SMTP_URL", _find_smtp_url_fault),
        smtp_sender=reading.checked("NOREN_SMTP_SENDER", _find_sender_fault),
        bounce_address=reading.checked("NOREN_BOUNCE_ADDRESS", _find_bounce_address_fault),
        mail_report_key=reading.checked("NOREN_MAIL_REPORT_KEY", _find_report_key_fault),
        message_sink=reading.file_to_write("NOREN_MESSAGE_SINK"),
        app_check_jwks=reading.url("NOREN_APP_CHECK_JWKS"),
        public_url=_public_url(reading),
        phone_urls=reading.checked("NOREN_PHONE_URLS", find_urls_fault) or DIALECT_URL,
        apple_pass_certificate=apple_certificate,
        apple_pass_key=apple_key,
        apple_wwdr_certificate=apple_intermediate,
        apns_endpoint=reading.url("NOREN_APNS_ENDPOINT"),
        web_origins=reading.checked("NOREN_WEB_ORIGINS", find_origins_fault),
        console_url=reading.checked("NOREN_CONSOLE_URL", find_page_origin_fault),
        card_url=reading.checked("NOREN_CARD_URL", find_page_origin_fault),
        till_url=reading.checked("NOREN_TILL_URL", find_page_origin_fault),
        base_map=reading.checked("NOREN_BASE_MAP", find_base_map_fault),
        metrics_token=reading.text("NOREN_METRICS_TOKEN"),
        ready_catalogue_age_s=reading.whole("NOREN_READY_CATALOGUE_AGE_S", 30, 1, 86_400),
        unready_s=reading.whole("NOREN_UNREADY_S", 0, 0, 300),
        drain_s=reading.whole("NOREN_DRAIN_S", 10, 1, 300),
        transition_days=reading.whole("NOREN_TRANSITION_DAYS", 90, 1, 3650),
        log_level=reading.choice("NOREN_LOG_LEVEL", LOG_LEVELS, "info"),
        log_format=reading.choice("NOREN_LOG_FORMAT", LOG_FORMATS, "json"),
        otel_exporter_otlp_endpoint=_otlp_endpoint(reading),
    )
    reading.finish()
    return settings


def read_database_url(environ: Mapping[str, str] = os.environ) -> str:
    """The one setting that the admin commands need. Raises BadSettings."""
    reading = Reading(environ)
    url = _database_url(reading)
    reading.finish()
    return url


def read_secret_key(name: str = "NOREN_SECRET_KEY", environ: Mapping[str, str] = os.environ) -> bytes:
    """For the admin commands that need the key, or the next one. Raises BadSettings."""
    reading = Reading(environ)
    key = reading.secret(name)
    reading.finish()
    return key


def _database_url(reading: Reading) -> str:
    url = reading.text("DATABASE_URL") or ""
    must = find_database_url_fault(url)
    if must is not None:
        reading.refuse("DATABASE_URL", must)
    return url


def _public_url(reading: Reading) -> str | None:
    url = reading.url("NOREN_PUBLIC_URL")
    return None if url is None else url.rstrip("/")


def _fcm_web_config(reading: Reading) -> Path | None:
    path = reading.file("NOREN_FCM_WEB_CONFIG")
    try:
        if path is not None:
            parse_web_config(path.read_bytes())
    except (ValueError, OSError):  # msgspec's errors are ValueErrors
        reading.refuse(
            "NOREN_FCM_WEB_CONFIG",
            "must be the path of a JSON file with apiKey, projectId, messagingSenderId, appId and vapidKey",
        )
        return None
    return path


def _otlp_endpoint(reading: Reading) -> str | None:
    """Where traces go. None also where the standard's own switches say so: a platform sets its endpoint for all."""
    url = reading.url("OTEL_EXPORTER_OTLP_ENDPOINT")
    is_off = (reading.text("OTEL_SDK_DISABLED") or "").lower() == "true"
    if url is None or is_off or reading.text("OTEL_TRACES_EXPORTER") == "none":
        return None
    for name in ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"):
        if reading.text(name) not in {None, "http/protobuf"}:
            reading.refuse(
                name, "must be http/protobuf or not be set: traces go by HTTP, to port 4318 of most collectors"
            )
    return url


def _refuse_half_settings(reading: Reading) -> None:
    """What goes only together, and what would be read by nobody."""
    for one, other in (
        ("NOREN_GOOGLE_WALLET_ISSUER", "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT"),
        ("NOREN_SMTP_SENDER", "NOREN_SMTP_URL"),
    ):
        if (reading.text(one) is None) != (reading.text(other) is None):
            reading.refuse(one, f"must be set together with {other}, or not at all")
    reading.together("NOREN_BOUNCE_ADDRESS", "NOREN_SMTP_URL")
    reading.together("NOREN_GOOGLE_WALLET_ENDPOINT", "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT")
    reading.together("NOREN_FCM_ENDPOINT", "NOREN_FCM_SERVICE_ACCOUNT")
    reading.together("NOREN_FCM_WEB_CONFIG", "NOREN_FCM_SERVICE_ACCOUNT")
    reading.together("NOREN_APNS_ENDPOINT", "NOREN_APPLE_PASS_CERTIFICATE")


def _find_issuer_fault(text: str) -> str | None:
    usable = text.isascii() and text.isdigit() and len(text) <= 20
    return None if usable else "must be the issuer's number from the Google Pay & Wallet Console"


def _find_smtp_url_fault(url: str) -> str | None:
    try:
        parse_smtp_url(url)
    except ValueError:
        return "must be smtp:// or smtps:// with a host, and name and password if it needs them"
    return None


def _find_bounce_address_fault(address: str) -> str | None:
    """With what is added to its local part (channels.mail.tokens) it stays below the 64 characters of RFC 5321."""
    try:
        usable = parse_email_address(address) == address and len(address.partition("@")[0]) <= 14
    except UnusableContact:
        usable = False
    return (
        None if usable else "must be an e-mail address with at most 14 characters before the @: bounces@kissa.example"
    )


def _find_report_key_fault(key: str) -> str | None:
    usable = key.isascii() and key.isprintable() and 32 <= len(key) <= 200
    return None if usable else "must be 32 to 200 printable characters (make one with: openssl rand -hex 32)"


def _find_sender_fault(sender: str) -> str | None:
    """An address, alone or as `Name <address>`."""
    try:
        parse_email_address(parseaddr(sender)[1])
    except UnusableContact:
        return "must be an e-mail address, such as Kissa Sakura <noreply@kissa.example>"
    return None


def _apple_pass_files(reading: Reading) -> tuple[Path, Path, Path] | tuple[None, None, None]:
    """All three or none; they must belong together."""
    names = tuple(_APPLE_FILES.values())
    if not any(map(reading.text, names)):
        return None, None, None
    missing = [name for name in (*names, "NOREN_PUBLIC_URL") if reading.text(name) is None]
    for name in missing:
        reading.refuse(name, "must be set: Apple Wallet needs all of its three files, and NOREN_PUBLIC_URL")
    certificate, key, intermediate = (reading.file(name) for name in names)
    if missing or certificate is None or key is None or intermediate is None:
        return None, None, None
    try:
        read_signer(certificate.read_bytes(), key.read_bytes(), intermediate.read_bytes())
    except UnusablePassFile as error:
        reading.refuse(_APPLE_FILES[error.file], error.must)
    except OSError:
        reading.refuse(names[0], "must be the path of a file that can be read, like the two that belong to it")
    return certificate, key, intermediate

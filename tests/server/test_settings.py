"""Settings: read from the environment, refused by name, and told in one table."""

import base64
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devtools.apple_authority import write_files
from devtools.bootstrap import ROOT
from server.setting_values import BadSettings
from server.settings import SETTINGS, Settings, name_of_setting, read_database_url, read_secret_key, read_settings

KEY = bytes(range(32))
NEEDED = {"DATABASE_URL": "postgresql://noren@db/noren", "NOREN_SECRET_KEY": base64.b64encode(KEY).decode()}
APPLE = {
    "NOREN_PUBLIC_URL": "https://noren.example",
    "NOREN_APPLE_PASS_CERTIFICATE": str(write_files().certificate),
    "NOREN_APPLE_PASS_KEY": str(write_files().key),
    "NOREN_APPLE_WWDR_CERTIFICATE": str(write_files().intermediate),
}


def test_two_settings_are_enough() -> None:
    assert read_settings(NEEDED) == Settings(database_url=NEEDED["DATABASE_URL"], secret_key=KEY)


def test_every_setting_is_read(tmp_path: Path) -> None:
    account = tmp_path / "account.json"
    account.write_text("{}")
    web_config = tmp_path / "web.json"
    web_config.write_text(
        '{"apiKey": "k", "projectId": "p", "messagingSenderId": "1", "appId": "1:1:web:a", "vapidKey": "v"}'
    )
    apple = write_files()
    environ = NEEDED | {
        "NOREN_REPORTS_DATABASE_URL": "postgresql://noren@standby.internal/noren",
        "NOREN_HOST": "0.0.0.0",
        "NOREN_PORT": " 9000 ",
        "NOREN_PROCESSES": "3",
        "NOREN_TRUSTED_PROXIES": "10.0.0.0/8",
        "NOREN_CONNECTIONS": "1000",
        "NOREN_CONNECTIONS_PER_ADDRESS": "50",
        "NOREN_DATABASE_CONNECTIONS": "20",
        "NOREN_FCM_SERVICE_ACCOUNT": str(account),
        "NOREN_FCM_ENDPOINT": "https://fcm.internal",
        "NOREN_FCM_WEB_CONFIG": str(web_config),
        "NOREN_LIFF_SDK_URL": "https://liff.internal/sdk.js",
        "NOREN_FCM_CLIENT": "sdk",
        "NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT": str(account),
        "NOREN_GOOGLE_WALLET_ISSUER": "3388000000012345678",
        "NOREN_GOOGLE_WALLET_ENDPOINT": "https://wallet.internal",
        "NOREN_LINE_ENDPOINT": "https://line.internal",
        "NOREN_MESSENGER_ENDPOINT": "https://meta.internal",
        "NOREN_SMTP_URL": "smtps://name:secret@mail.internal",
        "NOREN_SMTP_SENDER": "Kissa <noreply@kissa.example>",
        "NOREN_BOUNCE_ADDRESS": "bounces@kissa.example",
        "NOREN_MAIL_REPORT_KEY": "k" * 32,
        "NOREN_MESSAGE_SINK": str(tmp_path / "sink"),
        "NOREN_APP_CHECK_JWKS": "https://keys.internal/jwks",
        "NOREN_PUBLIC_URL": "https://noren.example/",
        "NOREN_PHONE_URLS": "https://api.twilio.com, https://sms.internal/send",
        "NOREN_APPLE_PASS_CERTIFICATE": str(apple.certificate),
        "NOREN_APPLE_PASS_KEY": str(apple.key),
        "NOREN_APPLE_WWDR_CERTIFICATE": str(apple.intermediate),
        "NOREN_APNS_ENDPOINT": "https://apns.internal",
        "NOREN_WEB_ORIGINS": "https://staff.kissa.example, http://localhost:5173",
        "NOREN_CONSOLE_URL": "https://console.kissa.example",
        "NOREN_CARD_URL": "https://card.kissa.example",
        "NOREN_TILL_URL": "http://till.localhost:8080",
        "NOREN_BASE_MAP": "https://tiles.internal/style.json",
        "NOREN_METRICS_TOKEN": "token",
        "NOREN_READY_CATALOGUE_AGE_S": "60",
        "NOREN_UNREADY_S": "20",
        "NOREN_DRAIN_S": "30",
        "NOREN_TRANSITION_DAYS": "30",
        "NOREN_LOG_LEVEL": "debug",
        "NOREN_LOG_FORMAT": "text",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
    }
    read = read_settings(environ)
    assert msgspec.structs.astuple(read) == (
        NEEDED["DATABASE_URL"], KEY, "postgresql://noren@standby.internal/noren",
        "0.0.0.0", 9000, 3, "10.0.0.0/8", 1000, 50, 20,
        account, "https://fcm.internal", "sdk", web_config, account, "3388000000012345678", "https://wallet.internal",
        "https://line.internal", "https://liff.internal/sdk.js", "https://meta.internal",
        "smtps://name:secret@mail.internal", "Kissa <noreply@kissa.example>", "bounces@kissa.example", "k" * 32,
        tmp_path / "sink",
        "https://keys.internal/jwks", "https://noren.example",
        "https://api.twilio.com, https://sms.internal/send", apple.certificate, apple.key, apple.intermediate,
        "https://apns.internal", "https://staff.kissa.example, http://localhost:5173",
        "https://console.kissa.example", "https://card.kissa.example", "http://till.localhost:8080",
        "https://tiles.internal/style.json", "token", 60, 20, 30, 30, "debug", "text", "http://collector:4318",
    )  # fmt: skip
    unchanged = [name for name, value in msgspec.structs.asdict(read).items() if value == default_of(name)]
    assert not unchanged, "a setting that this test does not set"


def default_of(name: str) -> Any:
    return next(field.default for field in msgspec.structs.fields(Settings) if field.name == name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://db/noren"),
        ("DATABASE_URL", "postgresql://noren:se#cret@db/noren"),
        ("DATABASE_URL", "postgresql://noren:se/cret@db/noren"),
        ("DATABASE_URL", "postgresql://noren:se?cret@db/noren"),
        ("DATABASE_URL", "postgresql://noren:se%cret@db/noren"),
        ("DATABASE_URL", "postgresql://noren@db:port/noren"),
        ("DATABASE_URL", "postgresql://noren@db:70000/noren"),
        ("NOREN_TRUSTED_PROXIES", "the balancer"),
        ("NOREN_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("NOREN_PUBLIC_URL", "https://:443"),
        ("NOREN_CONSOLE_URL", "http://console.kissa.example"),
        ("NOREN_CARD_URL", "https://card.kissa.example/card"),
        ("NOREN_CARD_URL", "https://card.kissa.example, https://other.example"),
        ("NOREN_TILL_URL", "till.localhost"),
        ("NOREN_FCM_ENDPOINT", "https://fcm.internal:port"),
        ("NOREN_GOOGLE_WALLET_SERVICE_ACCOUNT", "/nowhere"),
        ("NOREN_GOOGLE_WALLET_ISSUER", "3388000000012345678"),
        ("NOREN_GOOGLE_WALLET_ENDPOINT", "wallet.internal"),
        ("NOREN_SECRET_KEY", ""),
        ("NOREN_SECRET_KEY", "not base64!"),
        ("NOREN_SECRET_KEY", base64.b64encode(KEY[:31]).decode()),
        ("NOREN_PORT", "http"),
        ("NOREN_PORT", "65536"),
        ("NOREN_PORT", "-1"),
        ("NOREN_PORT", "\uff18\uff10"),
        ("NOREN_CONNECTIONS", "9"),
        ("NOREN_CONNECTIONS_PER_ADDRESS", "0"),
        ("NOREN_DATABASE_CONNECTIONS", "3"),
        ("NOREN_FCM_SERVICE_ACCOUNT", "/nowhere/account.json"),
        ("NOREN_FCM_ENDPOINT", "fcm.internal"),
        ("NOREN_FCM_CLIENT", "httpx"),
        ("NOREN_SMTP_URL", "http://mail.internal"),
        ("NOREN_SMTP_URL", "smtp:mail.internal"),
        ("NOREN_SMTP_URL", "smtp://mail.internal:smtp"),
        ("NOREN_SMTP_SENDER", "Kissa <noreply@kissa.example>"),
        ("NOREN_MESSAGE_SINK", "/nowhere/messages"),
        ("NOREN_APP_CHECK_JWKS", "keys.internal"),
        ("NOREN_PUBLIC_URL", "noren.example"),
        ("NOREN_PHONE_URLS", "https://api.twilio.com,"),
        ("NOREN_APPLE_PASS_CERTIFICATE", "/nowhere/certificate.pem"),
        ("NOREN_APNS_ENDPOINT", "apns.internal"),
        ("NOREN_WEB_ORIGINS", "*"),
        ("NOREN_WEB_ORIGINS", "https://staff.kissa.example/"),
        ("NOREN_WEB_ORIGINS", "https://*.kissa.example"),
        ("NOREN_WEB_ORIGINS", "kissa-staff"),
        ("NOREN_READY_CATALOGUE_AGE_S", "0"),
        ("NOREN_UNREADY_S", "301"),
        ("NOREN_DRAIN_S", "0"),
        ("NOREN_TRANSITION_DAYS", "0"),
        ("NOREN_LOG_LEVEL", "loud"),
        ("NOREN_LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_setting_is_named_and_its_value_is_not_told(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings(NEEDED | (APPLE if "APPLE" in name else {}) | {name: value})
    told = [fault for fault in refused.value.faults if fault.name == name]
    assert told
    assert all(f"{name} must " in str(fault) for fault in told)
    assert len(value) < 3 or value not in str(refused.value)


@pytest.mark.parametrize("sender", ["", "Kissa", "Kissa <noreply>"])
def test_a_mail_server_needs_a_sender(sender: str) -> None:
    with pytest.raises(BadSettings, match="NOREN_SMTP_SENDER"):
        read_settings(NEEDED | {"NOREN_SMTP_URL": "smtp://mail.internal", "NOREN_SMTP_SENDER": sender})


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("NOREN_APPLE_PASS_CERTIFICATE", "key"),
        ("NOREN_APPLE_PASS_CERTIFICATE", "intermediate"),
        ("NOREN_APPLE_PASS_KEY", "root"),
        ("NOREN_APPLE_WWDR_CERTIFICATE", "root"),
    ],
)
def test_a_file_that_does_not_belong_to_the_others_is_named(name: str, file: str) -> None:
    with pytest.raises(BadSettings, match=f"{name} must be"):
        read_settings(NEEDED | APPLE | {name: str(getattr(write_files(), file))})


@pytest.mark.parametrize("name", APPLE)
def test_apple_wallet_needs_all_of_its_settings(name: str) -> None:
    rest = {other: value for other, value in APPLE.items() if other != name}
    with pytest.raises(BadSettings, match=f"{name} must be set"):
        read_settings(NEEDED | rest)


@pytest.mark.parametrize(
    "off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}]
)
def test_the_standards_own_switches_turn_traces_off(off: dict[str, str]) -> None:
    environ = NEEDED | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"} | off
    assert read_settings(environ).otel_exporter_otlp_endpoint is None


def test_a_collector_of_grpc_only_is_told_at_the_start() -> None:
    grpc = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with pytest.raises(BadSettings, match="OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf"):
        read_settings(NEEDED | grpc)


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read_settings({other: value for other, value in NEEDED.items() if other != name})


def test_admin_needs_the_database_only() -> None:
    assert read_database_url({"DATABASE_URL": "postgres://db/noren"}) == "postgres://db/noren"


def test_the_table_lists_exactly_these_settings_with_their_defaults() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", text, re.MULTILINE))
    assert set(table) == SETTINGS
    for field in msgspec.structs.fields(Settings):
        name = name_of_setting(field.name)
        if field.default is msgspec.NODEFAULT:
            assert table[name] == "required"
        elif field.default is not None:
            assert table[name] == f"`{field.default}`"
        else:
            assert table[name] in {"none", "Google's", "Apple's", "LINE's", "Meta's"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://noren:se%23cret@db.internal:6432/noren",
        "postgresql://noren@one:5432,two:5433/noren?target_session_attrs=primary",
        "postgresql:///noren?host=/var/run/postgresql",
        "postgres://noren@[2001:db8::1]:5432/noren",
        "postgresql://noren:a:b@c@db/noren",
    ],
)
def test_what_asyncpg_reads_is_taken(url: str) -> None:
    assert read_database_url({"DATABASE_URL": url}) == url


def test_all_faults_are_told_at_once_and_none_of_the_values() -> None:
    environ = {
        "DATABASE_URL": "postgresql://noren:hun#ter2@db/noren",
        "NOREN_SECRET_KEY": "c2hvcnQ=",
        "NOREN_TRUSTED_PROXIES": "nonsense",
        "NOREN_FCM_ENDPOINT": "https://fcm.internal",
        "NOREN_TRUSTED_PROXY": "10.0.0.1",
    }
    with pytest.raises(BadSettings) as refused:
        read_settings(environ)
    assert {fault.name for fault in refused.value.faults} == set(environ)
    assert "did you mean NOREN_TRUSTED_PROXIES?" in str(refused.value)
    assert not any(value in str(refused.value) for value in environ.values())
    assert "hun" not in str(refused.value)


def test_what_kubernetes_adds_for_a_service_is_no_misspelt_setting() -> None:
    links = {
        "NOREN_SERVICE_HOST": "10.96.0.7",
        "NOREN_SERVICE_PORT": "80",
        "NOREN_SERVICE_PORT_HTTP": "80",
        "NOREN_PORT_80_TCP": "tcp://10.96.0.7:80",
        "NOREN_PORT_80_TCP_ADDR": "10.96.0.7",
    }
    assert read_settings(NEEDED | links) == read_settings(NEEDED)
    with pytest.raises(BadSettings, match="enableServiceLinks"):
        read_settings(NEEDED | links | {"NOREN_PORT": "tcp://10.96.0.7:80"})


def test_the_next_key_is_read_by_its_name() -> None:
    with pytest.raises(BadSettings, match="NOREN_NEXT_SECRET_KEY"):
        read_secret_key("NOREN_NEXT_SECRET_KEY", NEEDED)

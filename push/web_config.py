"""What a browser must know to get web push from our Firebase project. None of it is a secret. Pure."""

import msgspec


class WebPushConfig(msgspec.Struct, frozen=True, rename="camel"):
    """The web app's configuration as the Firebase console shows it, and beside it the key pair's public half (Cloud
    Messaging, "Web Push certificates"). What else the console shows is not needed."""

    api_key: str
    project_id: str
    messaging_sender_id: str
    app_id: str
    vapid_key: str


def parse_web_config(content: bytes) -> WebPushConfig:
    """Raises ValueError, which says what is missing."""
    config = msgspec.json.decode(content, type=WebPushConfig)
    empty = [name for name, value in msgspec.structs.asdict(config).items() if not value.strip()]
    if empty:
        raise ValueError(f"empty: {', '.join(empty)}")
    return config

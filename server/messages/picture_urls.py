"""Where a campaign's picture is."""

PICTURES = "/v1/pictures"


def picture_path(name: str) -> str:
    return f"{PICTURES}/{name}"


def picture_url(public_url: str | None, name: str | None) -> str | None:
    """From the root of this API where the server has not been told its own address (NOREN_PUBLIC_URL)."""
    return None if name is None else (public_url or "") + picture_path(name)

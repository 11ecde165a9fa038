"""Which compression a browser takes (RFC 9110, 12.5.3). Pure."""


def takes_gzip(accepted: str) -> bool:
    """`accepted`: the header Accept-Encoding."""
    for part in accepted.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name == "gzip":
            return not weight or weight.strip("0.") != ""
    return False

"""What a Japanese keyboard types."""


def wide(text: str) -> str:
    """Full-width, as it is typed without switching the keyboard over."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)

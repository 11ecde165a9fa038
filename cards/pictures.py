"""Codes as pictures. Pure."""

import io

import segno


def draw_qr(code: str) -> str:
    """An SVG of the code as a QR with error correction M and the quiet zone that scanners need."""
    out = io.BytesIO()
    segno.make_qr(code, error="m").save(out, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return out.getvalue().decode()

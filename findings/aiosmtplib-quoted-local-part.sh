#!/bin/sh
# aiosmtplib 5.1.3 with the e-mail package of Python 3.11 and newer: a message to "a..b"@example.jp, a valid address (RFC 5321,
# 4.1.2: a quoted string may hold what a bare one may not) that old Japanese phone contracts still have, is sent to
# <a..b@example.jp>, which a strict server refuses. aiosmtplib reads the recipients from the To header's addr_spec, which
# does not quote such a local part again. With `recipients=` the quotes stay.
# Seen: "from the header: RCPT TO:<a..b@example.jp>; named: RCPT TO:<"a..b"@example.jp>". Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet aiosmtplib==5.1.3
"$folder/venv/bin/python" - <<'END'
import asyncio
import sys
from email.message import EmailMessage

import aiosmtplib

ADDRESS = '"a..b"@example.jp'


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: list[str]) -> None:
    writer.write(b"220 test\r\n")
    while line := await reader.readline():
        if line.upper().startswith(b"RCPT"):
            heard.append(line.decode().strip())
        if line.upper().startswith(b"DATA"):
            writer.write(b"354 go on\r\n")
            while await reader.readline() != b".\r\n":
                pass
        writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
    writer.close()


async def main() -> bool:
    heard: list[str] = []
    server = await asyncio.start_server(lambda r, w: answer(r, w, heard), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.jp", ADDRESS, "hello"
    message.set_content("hello")
    plain = {"hostname": "127.0.0.1", "port": port, "start_tls": False}
    await aiosmtplib.send(message, **plain)
    await aiosmtplib.send(message, recipients=[ADDRESS], **plain)
    print(f"aiosmtplib {aiosmtplib.__version__}: from the header: {heard[0]}; named: {heard[1]}")
    return "<a..b@example.jp>" in heard[0] and f"<{ADDRESS}>" in heard[1]


sys.exit(not asyncio.run(main()))
END

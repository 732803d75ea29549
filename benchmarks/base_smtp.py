"""The baseline of every figure about sending: the same bytes by the standard library's smtplib, over one connection that is kept."""

from __future__ import annotations

import smtplib

from benchmarks.harness import Operation


def raw(port: int, content: bytes) -> Operation:
    server = smtplib.SMTP("127.0.0.1", port)
    server.ehlo()

    def send() -> None:
        server.sendmail("shop@example.com", ["jan@example.com"], content, mail_options=["BODY=8BITMIME"])

    return send

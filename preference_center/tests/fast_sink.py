"""A mail server for tests and benchmarks that keeps up with us: plain asyncio, no library. It takes everything, and writes one line a
message to its log before it says that it has taken it, so that what was acknowledged is what was logged.

    python -m preference_center.tests.fast_sink --port 2525 --log mails.log [--control modes.json] [--keep FOLDER]

The control file is looked at ten times a second: {"refuse": {"regex": "550 5.1.1 no such user"}, "stall": 1.5, "drop": 3}.
refuse   the first pattern found in a recipient's address gives the answer to RCPT
stall    seconds before the answer to a message
drop     after so many more messages the connection closes without an answer: "drop_logged" after it was logged, "drop" before
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any, BinaryIO

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r\n[ \t]+)?<([^>]+)>", re.I | re.M)


class Log:
    """One line a message: time, Message-ID, recipient, bytes, SHA-256, whether this Message-ID came before."""

    def __init__(self, path: Path, keep: Path | None) -> None:
        self.file: BinaryIO = path.open("ab", buffering=0)
        self.seen = {line.split(b" ")[1] for line in path.read_bytes().splitlines()}
        self.keep = keep
        self.count = 0

    def take(self, recipient: bytes, content: bytes) -> None:
        found = MESSAGE_ID.search(content)
        name = found[1] if found else b"-"
        again = b"again" if name in self.seen else b"first"
        self.seen.add(name)
        digest = hashlib.sha256(content).hexdigest().encode()
        self.file.write(b" ".join([b"%.6f" % time.time(), name, recipient, b"%d" % len(content), digest, again]) + b"\n")
        self.count += 1
        if self.keep is not None:
            (self.keep / f"{self.count:06}.eml").write_bytes(content)


class Modes:
    def __init__(self, path: Path | None) -> None:
        self.path, self.stamp = path, 0
        self.refuse: list[tuple[re.Pattern[bytes], bytes]] = []
        self.stall = 0.0
        self.drop = self.drop_logged = 0
        self.look()

    def look(self) -> None:
        if self.path is None or not self.path.exists() or self.path.stat().st_mtime_ns == self.stamp:
            return
        self.stamp = self.path.stat().st_mtime_ns
        told: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        self.refuse = [(re.compile(pattern.encode()), answer.encode()) for pattern, answer in told.get("refuse", {}).items()]
        self.stall, self.drop, self.drop_logged = told.get("stall", 0.0), told.get("drop", 0), told.get("drop_logged", 0)


class Session(asyncio.Protocol):
    log: Log
    modes: Modes

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.buffer = b""
        self.recipient = b""
        self.in_data = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            if self.in_data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    return
                content, self.buffer = self.buffer[: end + 2], self.buffer[end + 5 :]
                self.in_data = False
                if not self._message(content.replace(b"\r\n..", b"\r\n.")):
                    return
            else:
                line, found, rest = self.buffer.partition(b"\r\n")
                if not found:
                    return
                self.buffer = rest
                if not self._command(line):
                    return

    def _message(self, content: bytes) -> bool:
        modes = self.modes
        if modes.drop and not self._counted_down("drop"):
            return False
        self.log.take(self.recipient, content)
        if modes.drop_logged and not self._counted_down("drop_logged"):
            return False
        if modes.stall:
            asyncio.get_running_loop().call_later(modes.stall, self.transport.write, b"250 taken\r\n")
        else:
            self.transport.write(b"250 taken\r\n")
        return True

    def _counted_down(self, name: str) -> bool:
        left = getattr(self.modes, name) - 1
        setattr(self.modes, name, left)
        if left == 0:
            self.transport.abort()
            return False
        return True

    def _command(self, line: bytes) -> bool:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.recipient = line[line.find(b"<") + 1 : line.rfind(b">")]
            self.transport.write(next((text + b"\r\n" for what, text in self.modes.refuse if what.search(self.recipient)), b"250 ok\r\n"))
        elif verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go on\r\n")
        elif verb == b"EHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
            return False
        else:
            self.transport.write(b"250 ok\r\n")
        return True


async def serve(port: int, log: Log, modes: Modes) -> None:
    Session.log, Session.modes = log, modes
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", port)
    async with server:
        while True:
            await asyncio.sleep(0.1)
            modes.look()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--control", type=Path)
    parser.add_argument("--keep", type=Path)
    told = parser.parse_args()
    if told.keep is not None:
        told.keep.mkdir(parents=True, exist_ok=True)
    told.log.touch()
    asyncio.run(serve(told.port, Log(told.log, told.keep), Modes(told.control)))


if __name__ == "__main__":
    main()

"""Waiting for what happens in another process, and a port for it."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PATIENCE = 90.0  # seconds: both cores may be busy with other tests


def free_port() -> int:
    """Below those that a system gives out by itself: nobody who asks for any port takes it before it is used."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Polls until the condition holds and returns its value. Never a bare sleep in a test."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")

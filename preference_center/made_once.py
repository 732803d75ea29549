"""Secrets of the embedded mode, which nobody has to think of."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from django.core.management.utils import get_random_secret_key


def fernet_key() -> str:
    """32 random bytes in URL-safe base64, as the Fernet specification has it. The library itself is too much to load with the settings."""
    return urlsafe_b64encode(os.urandom(32)).decode()


def made_once(path: Path, make: Callable[[], str] = get_random_secret_key) -> str:
    """Made on the first run, readable by its owner alone. Processes may start at once: the file comes to its name whole, and whoever is
    second reads the first one's."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text(encoding="utf-8").strip()

"""kombu's file-system transport with whole messages: it writes in place, and a worker that reads half a message ends (seen)."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]  # its two bases disagree
        """A reader of the folder sees the whole message or none: readers take files by the ending `.<queue>.msg`."""
        folder = Path(self.data_folder_out)
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}"
        draft = folder / f"{name}.part"
        draft.write_text(dumps(payload), encoding="utf-8")
        os.replace(draft, folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel

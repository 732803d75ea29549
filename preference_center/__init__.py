"""The composition root: settings, URLs, the overview, the desk, the demo. May import every app; no app imports it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = ROOT / "requests"

# The folder `requests/` is a second source root that holds the package data_requests. An __init__.py in it would make it a
# package that hides the HTTP library of the same name from allauth and everybody else (docs/adr/0003-requests-folder.md).
if (REQUESTS / "__init__.py").exists():
    raise ImportError("requests/__init__.py must not exist: it would hide the HTTP library named requests. Delete that file.")
if str(REQUESTS) not in sys.path:
    sys.path.append(str(REQUESTS))

from preference_center.celery import app as celery_app  # noqa: E402  (the path must stand before any import of ours)

__all__ = ["celery_app"]

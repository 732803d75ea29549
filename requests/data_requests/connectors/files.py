"""The operator's file of one system: CONNECTORS_DIR/<brand>/<key of the system>.yaml."""

from __future__ import annotations

from typing import Any

import yaml
from django.conf import settings

from data_requests.connectors.base import Fault

SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built


def described(brand: str, system: str) -> dict[str, Any]:
    """Raises Fault. Keys of brands and systems are slugs, so that the path stays inside the folder."""
    path = settings.CONNECTORS_DIR / brand / f"{system}.yaml"
    try:
        values = SAFE(path.read_text(encoding="utf-8")).get_single_data()
    except FileNotFoundError:
        raise Fault(f"{brand}/{system}.yaml is not there") from None
    except OSError as error:
        raise Fault(f"{brand}/{system}.yaml cannot be read") from error
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Fault(f"{brand}/{system}.yaml is not YAML") from None
    if not isinstance(values, dict):
        raise Fault(f"{brand}/{system}.yaml is not a description")
    return values

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from brands.actions import load_pack
from brands.models import Brand

PACKS = Path(__file__).resolve().parent.parent / "packs"


@pytest.fixture(autouse=True)
def only_these_pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "brands.tests.urls"


@pytest.fixture
def linden(db: None) -> Brand:
    return load_pack(PACKS / "linden.yaml", by="system:tests")


@pytest.fixture
def kingfisher(db: None) -> Brand:
    return load_pack(PACKS / "kingfisher.yaml", by="system:tests")


@pytest.fixture
def visitor(linden: Brand) -> Client:
    """A browser at Linden's host."""
    return Client(headers={"host": linden.host})


def png(width: int, height: int, **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (31, 85, 71, 128)).save(out, "PNG", **more)
    return out.getvalue()

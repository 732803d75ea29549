from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from PIL import Image, PngImagePlugin

from brands import logos
from brands.actions import set_logo
from brands.models import Brand
from brands.tests.conftest import png


def test_it_is_drawn_anew():
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "<script>alert(1)</script>")
    upload = png(400, 200, pnginfo=told) + b"<?php system($_GET['x']); ?>"
    drawn = logos.draw(upload)
    assert b"script" not in drawn.png
    assert b"php" not in drawn.png
    image = Image.open(io.BytesIO(drawn.png))
    assert (image.format, image.size, image.mode) == ("PNG", (256, 128), "RGBA")
    assert not image.info.get("Comment")


def test_it_keeps_the_colours_and_what_shows_through():
    image = Image.open(io.BytesIO(logos.draw(png(40, 20)).png))
    assert image.getpixel((5, 5)) == (31, 85, 71, 128)


@pytest.mark.parametrize(
    "upload",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", png(40, 20)[:60], b"\x89PNG\r\n\x1a\n" + b"0" * 100],
)
def test_it_refuses_what_is_no_picture(upload: bytes):
    with pytest.raises(ValidationError):
        logos.draw(upload)


def test_it_refuses_a_small_file_that_is_a_huge_picture():
    bomb = png(6000, 6000, optimize=True)
    assert len(bomb) < logos.MOST_BYTES
    with pytest.raises(ValidationError, match="2000 by 2000"):
        logos.draw(bomb)


def test_it_refuses_a_large_file():
    with pytest.raises(ValidationError, match="512 kB"):
        logos.draw(b"0" * (logos.MOST_BYTES + 1))


def test_it_is_served_under_its_hash_for_ever(linden: Brand, visitor: Client):
    logo = linden.logos.get(variant="light")
    response = visitor.get(f"/brand/linden-{logo.sha256[:8]}.png")
    assert response.content == bytes(logo.png)
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in response


def test_it_is_not_served_at_another_brands_host(linden: Brand, kingfisher: Brand):
    other = Client(headers={"host": kingfisher.host})
    assert other.get(f"/brand/linden-{linden.logos.get(variant='light').sha256[:8]}.png").status_code == 404
    assert other.get(f"/brand/kingfisher-{linden.logos.get(variant='light').sha256[:8]}.png").status_code == 404


def test_a_new_one_has_a_new_address(linden: Brand, visitor: Client):
    old = linden.logos.get(variant="light").sha256[:8]
    set_logo(linden, variant="light", upload=png(64, 64), by="system:tests")
    assert f"linden-{old}.png" not in visitor.get("/plain/").content.decode()
    assert visitor.get(f"/brand/linden-{old}.png").status_code == 404

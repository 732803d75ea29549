from __future__ import annotations

import pytest

from brands.actions import load_pack
from brands.models import Brand
from brands.tests.conftest import PACKS
from ledger.models import Entry


@pytest.mark.parametrize("key", ["linden", "kingfisher"])
@pytest.mark.django_db
def test_it_makes_the_brand_of_the_file(key: str):
    brand = load_pack(PACKS / f"{key}.yaml", by="system:demo")
    brand.full_clean()
    brand.theme.full_clean()
    assert brand.host == f"{key}.localhost"
    assert brand.logos.count() == 2


def test_twice_is_once(kingfisher: Brand):
    entries, epoch = Entry.objects.count(), kingfisher.config_epoch
    assert load_pack(PACKS / "kingfisher.yaml", by="system:demo") == kingfisher
    assert (Entry.objects.count(), Brand.objects.get(pk=kingfisher.pk).config_epoch) == (entries, epoch)


def test_it_brings_a_brand_back_to_the_file(linden: Brand):
    load_pack(PACKS / "linden.yaml", host="privacy.linden.example", by="system:demo")
    linden.refresh_from_db()
    assert linden.host == "privacy.linden.example"


@pytest.mark.django_db
def test_a_broken_file_makes_nothing(tmp_path):
    broken = (PACKS / "linden.yaml").read_text(encoding="utf-8").replace('ink: "#1d2623"', 'ink: "#f0f0f0"')
    (tmp_path / "linden.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(Exception, match="ink on paper"):
        load_pack(tmp_path / "linden.yaml", by="system:demo")
    assert not Brand.objects.exists()
    assert not Entry.objects.exists()

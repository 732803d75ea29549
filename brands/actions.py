"""What changes a brand. Each is one turn on the brand's own subject: the entry says what changed and the hash of what it became.

`by` is the actor as the ledger writes it: "staff:<reference>" or "system:<job>". An action that finds everything as it should be
writes nothing and returns None.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from brands import contrast, logos, tokens
from brands.models import Brand, Logo, Theme, Wording
from ledger.models import Entry
from ledger.subjects import new_subject
from ledger.turns import Turn, turn


def make_brand(*, key: str, name: str, host: str, by: str, **details: Any) -> Brand:
    """A brand with our own look and words. `details` are the other columns of Brand (IDENTITY and LEGAL)."""
    with transaction.atomic():
        brand = Brand(key=key, name=name, host=host, subject=new_subject(), **details)
        brand.full_clean()
        brand.save(force_insert=True)
        Theme.objects.create(brand=brand)
        with turn(brand.subject, brand=brand.key, actor=by) as t:
            _note(t, brand, "identity", _values(brand, Brand.IDENTITY))
            _note(t, brand, "legal", _values(brand, Brand.LEGAL))
    return brand


def restyle(brand: Brand, *, theme_values: Mapping[str, Any], by: str) -> Entry | None:
    """Sets tokens (and `light_only`); what is not named stays. Refuses colours that cannot be read."""
    if unknown := theme_values.keys() - tokens.FORMS.keys() - {"light_only"}:
        raise ValidationError(f"unknown tokens: {sorted(unknown)}")
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        theme = Theme.objects.get(brand=brand)
        if not _set(theme, theme_values):
            return None
        theme.clean_fields()  # one wrong colour is told by name before any contrast is reckoned
        contrast.readable(theme.values())
        theme.save(update_fields=list(theme_values))
        brand.theme = theme
        return _note(t, brand, "theme", {**theme.values(), "light_only": theme.light_only})


def reword(brand: Brand, *, language: str, key: str, text: str, by: str) -> Entry | None:
    """One sentence in the brand's own words; an empty text goes back to ours."""
    if language not in brand.languages:
        raise ValidationError(f"{brand.key} does not speak {language}")
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        row = brand.wordings.filter(language=language, key=key).first() or Wording(brand=brand, language=language, key=key)
        if row.text == text:
            return None
        row.text = text
        if text:
            row.full_clean()
            row.save()
        else:
            row.delete()
        return _note(t, brand, "wording", {"language": language, "key": key, "text": text})


def set_logo(brand: Brand, *, variant: str, upload: bytes, by: str) -> Entry | None:
    """`upload` is a PNG, JPEG or WebP file; what is kept is our own drawing of it."""
    picture = logos.draw(upload)
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        if brand.logos.filter(variant=variant, sha256=picture.sha256).exists():
            return None
        row = brand.logos.filter(variant=variant).first() or Logo(brand=brand, variant=variant)
        row.png, row.sha256, row.width, row.height = picture.png, picture.sha256, picture.width, picture.height
        row.full_clean()
        row.save()
        return _note(t, brand, "logo", {"variant": variant, "png": picture.sha256})


def change_legal_details(brand: Brand, *, details: Mapping[str, Any], by: str) -> Entry | None:
    """Who is responsible, who answers, who supervises, who sends."""
    return _change_columns(brand, "legal", Brand.LEGAL, details, by)


def change_identity(brand: Brand, *, details: Mapping[str, Any], by: str) -> Entry | None:
    """Name, host, languages, country, law at home."""
    return _change_columns(brand, "identity", Brand.IDENTITY, details, by)


def load_pack(path: Path, *, host: str = "", by: str) -> Brand:
    """A brand from a file like brands/packs/linden.yaml: made, or brought to what the file says. Logos lie beside the file.

    `host` takes the place of the file's.
    """
    pack = yaml.safe_load(path.read_text(encoding="utf-8"))
    identity = {"name": pack["name"], "host": host or pack["host"], **pack["identity"]}
    with transaction.atomic():
        brand: Brand | None = Brand.objects.filter(key=pack["key"]).first()
        if brand is None:
            brand = make_brand(key=pack["key"], by=by, **identity, **pack["legal"])
        else:
            change_identity(brand, details=identity, by=by)
            change_legal_details(brand, details=pack["legal"], by=by)
        restyle(brand, theme_values=pack["theme"], by=by)
        for variant, name in pack["logo"].items():
            set_logo(brand, variant=variant, upload=(path.parent / name).read_bytes(), by=by)
        for language, sentences in pack["wording"].items():
            for key, text in sentences.items():
                reword(brand, language=language, key=key, text=text, by=by)
    return brand


def _change_columns(brand: Brand, what: str, columns: tuple[str, ...], details: Mapping[str, Any], by: str) -> Entry | None:
    if unknown := details.keys() - set(columns):
        raise ValidationError(f"not a matter of {what}: {sorted(unknown)}")
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        row = Brand.objects.get(pk=brand.pk)
        if not _set(row, details):
            return None
        row.full_clean()
        row.save(update_fields=list(details))
        _set(brand, details)
        return _note(t, brand, what, _values(row, columns))


def _set(row: Brand | Theme, values: Mapping[str, Any]) -> bool:
    """Whether anything became different."""
    changed = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return changed


def _note(t: Turn, brand: Brand, what: str, content: Mapping[str, Any]) -> Entry:
    """The entry, and a new epoch: whatever is held in memory of this brand is read anew."""
    entry = t.append(brand.subject, "brand.changed", {"what": what, "sha256": _sha256(content)})
    Brand.objects.filter(pk=brand.pk).update(config_epoch=F("config_epoch") + 1)
    brand.refresh_from_db(fields=["config_epoch"])
    return entry


def _values(brand: Brand, columns: tuple[str, ...]) -> dict[str, Any]:
    return {column: getattr(brand, column) for column in columns}


def _sha256(content: Mapping[str, Any]) -> str:
    """Of the content as sorted, compact JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()).hexdigest()

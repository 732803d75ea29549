"""The policy of a starter pack, in YAML: versions in order, each whole in every language. `packs/policy-shop.yaml` shows every part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from brands.models import Brand
from catalogue import outline
from catalogue.policy_content import ChangeContent, PolicyContent, PolicyWords

# What a pack leaves to the brand, in any text: `{legal_name}` and the like, and `{brand}`, its name.
FROM_BRAND = (
    "legal_name", "legal_address", "legal_register", "privacy_officer_name", "privacy_officer_email", "authority_name",
    "authority_address", "authority_url", "support_email",
)  # fmt: skip
TOLD = ("titles", "for_you")  # what a change says in each language


@dataclass(frozen=True)
class PackVersion:
    content: PolicyContent
    in_force_after_days: int  # after it is published; 0: at once


@dataclass(frozen=True)
class PolicyPack:
    key: str
    versions: tuple[PackVersion, ...]


def read(path: Path, brand: Brand) -> PolicyPack:
    """The policy as it fits this brand: in its languages, with its name and addresses."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return PolicyPack(raw["policy"], tuple(_version(each, brand) for each in raw["versions"]))


def _version(raw: Mapping[str, Any], brand: Brand) -> PackVersion:
    texts = {language: _words(text, brand, language) for language, text in sorted(raw["texts"].items()) if language in brand.languages}
    changes = tuple(_change(each, brand) for each in raw.get("changes", ()))
    return PackVersion(PolicyContent(texts, tuple(raw.get("removed", ())), changes), raw.get("in_force_after_days", 0))


def _change(raw: Mapping[str, Any], brand: Brand) -> ChangeContent:
    said: dict[str, Any] = {
        name: {each: _fitted(text, brand) for each, text in raw[name].items() if each in brand.languages} for name in TOLD
    }
    lists: dict[str, Any] = {name: tuple(raw.get(name, ())) for name in ("anchors", "purposes", "countries")}
    return ChangeContent(**{**raw, **said, **lists})


def _words(raw: Mapping[str, str], brand: Brand, language: str) -> PolicyWords:
    said = {name: _fitted(text, brand) for name, text in raw.items()}
    return PolicyWords(said["title"], said["summary"].strip(), outline.read(said["clauses"], language))


def _fitted(text: str, brand: Brand) -> str:
    text = text.replace("{brand}", brand.name)
    for name in FROM_BRAND:
        text = text.replace(f"{{{name}}}", getattr(brand, name))
    return text

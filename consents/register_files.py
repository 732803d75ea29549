"""The register as files: a CSV of who received what since when, and JSON-LD in the terms of the Data Privacy Vocabulary 2.3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from brands.models import Brand
from brands.sheets import csv_lines
from catalogue.published import Path, Published, published, versions_of
from consents.naming import in_language
from consents.practices import country_name, kept, role_name
from consents.screens import offered_at

COLUMNS = ("company", "role", "purpose", "version", "data", "source", "country", "sold", "shared", "safeguard", "kept", "since", "until")


def recipients_csv(brand: Brand) -> Iterator[str]:
    """One line for each thing a company received under each version, with the day it began and the day it ended."""
    return csv_lines(COLUMNS, _received(brand))


def _received(brand: Brand) -> Iterator[list[str]]:
    for key in published(brand):
        versions = versions_of(brand, key)
        ends = [version.in_force_from for version in versions[1:]] + [versions[-1].retired_at]
        for version, until in zip(versions, ends, strict=True):
            for path in version.uses:
                if path.recipient:
                    yield _cells(version, path, until)


def _cells(version: Published, path: Path, until: datetime | None) -> list[str]:
    title = version.for_language(get_language() or "").title
    safeguards = [*(in_language(names) for names in path.safeguards), path.transfer_ground]
    return [
        path.recipient_name, role_name(path.role), title, str(version.version), in_language(path.category_names),
        in_language(path.source_names), country_name(path.country), "yes" if path.sold else "no", "yes" if path.shared else "no",
        "; ".join(filter(None, safeguards)), kept(path), timezone.localdate(version.in_force_from).isoformat(),
        timezone.localdate(until).isoformat() if until else "",
    ]  # fmt: skip


CONTEXT = {"dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/"}
BASES = {
    "consent": "dpv:Consent",
    "legitimate_interest": "dpv:LegitimateInterest",
    "opt_out": "dpv:LegitimateInterest",
    "contract": "dpv:Contract",
    "legal_duty": "dpv:LegalObligation",
}
ROLES = {"processor": "dpv:DataProcessor", "controller": "dpv:ThirdParty", "joint": "dpv:JointDataControllers"}


def register_jsonld(brand: Brand) -> bytes:
    """Every purpose in force: controller, legal basis, data with its source, recipients, places, storage."""
    language = get_language() or brand.default_language
    graph: dict[str, Any] = {
        "@context": {**CONTEXT, "@language": language},
        "@type": "dpv:DataController",
        "dct:title": brand.legal_name,
        "dpv:hasAddress": brand.legal_address,
        "dpv:hasProcess": [process(purpose, language) for purpose in offered_at(brand)],
    }
    return json.dumps(graph, ensure_ascii=False, indent=1).encode()


def process(purpose: Published, language: str) -> dict[str, Any]:
    """One purpose: what is done with which data, on which ground, for whom, how long."""
    texts = purpose.for_language(language)
    return {
        "@type": "dpv:Process",
        "dct:identifier": f"{purpose.key}/{purpose.version}",
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:title": texts.title, "dct:description": texts.sentence},
        "dpv:hasLegalBasis": {"@id": BASES[purpose.basis]},
        "dpv:hasPersonalData": [{"@type": "dpv:PersonalData", "dct:title": name} for name in _names(purpose, "category_names")],
        "dpv:hasDataSource": [{"@type": "dpv:DataSource", "dct:title": name} for name in _names(purpose, "source_names")],
        "dpv:hasRecipient": [
            {"@type": ROLES[path.role], "dct:title": path.recipient_name, "dpv:hasLocation": path.country}
            for path in {path.recipient: path for path in purpose.uses if path.recipient}.values()
        ],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageDuration", "dct:description": words} for words in {kept(path): 0 for path in purpose.uses}
        ],
    }


def _names(purpose: Published, attribute: str) -> list[str]:
    return list(dict.fromkeys(in_language(getattr(path, attribute)) for path in purpose.uses))

"""The record of processing activities of GDPR Art. 30(1), from the same tables as everything that people read: nobody types it.

Each letter of the article is a column, or a term of the Data Privacy Vocabulary 2.3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brands.models import Brand
from brands.sheets import csv_lines
from catalogue.published import Path, Published
from consents.naming import in_language
from consents.practices import country_name, kept, role_name
from consents.register_files import CONTEXT, process
from consents.screens import offered_at

COLUMNS = (
    "controller", "address", "contact", "data_protection_officer", "purpose", "legal_basis", "people", "data", "sensitive", "source",
    "recipient", "role", "country", "transfer_safeguard", "erased", "security", "in_force_since",
)  # fmt: skip


@dataclass(frozen=True)
class Activity:
    """One purpose in force, as the desk shows it."""

    purpose: str
    legal_basis: str
    data: list[str]
    recipients: list[str]
    countries: list[str]
    erased: list[str]
    security: list[str]


def activities(brand: Brand) -> list[Activity]:
    return [_activity(purpose) for purpose in offered_at(brand)]


def _activity(purpose: Published) -> Activity:
    texts = purpose.for_language(get_language() or "")
    return Activity(
        purpose=texts.title,
        legal_basis=texts.ground,
        data=_each(in_language(path.category_names) for path in purpose.uses),
        recipients=_each(path.recipient_name for path in purpose.uses),
        countries=_each(country_name(path.country) for path in purpose.uses),
        erased=_each(kept(path) for path in purpose.uses),
        security=_each(in_language(names) for path in purpose.uses for names in path.safeguards),
    )


def people(brand: Brand) -> list[str]:
    """The categories of data subjects."""
    return [_("Customers"), *([_("Children")] if brand.has_minors else [])]


def officer(brand: Brand) -> str:
    return ", ".join(filter(None, (brand.privacy_officer_name, brand.privacy_officer_email, brand.privacy_officer_address)))


# ── As files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def record_csv(brand: Brand) -> Iterator[str]:
    """A line for each thing that is done with each kind of data; every purpose in force has at least one."""
    ours = [brand.legal_name, brand.legal_address, brand.support_email, officer(brand)]
    return csv_lines(COLUMNS, ((*ours, *_cells(brand, purpose, path)) for purpose in offered_at(brand) for path in purpose.uses))


def _cells(brand: Brand, purpose: Published, path: Path) -> list[str]:
    texts = purpose.for_language(get_language() or "")
    return [
        texts.title, texts.ground, ", ".join(people(brand)), in_language(path.category_names), "yes" if path.sensitive else "no",
        in_language(path.source_names), path.recipient_name, role_name(path.role), country_name(path.country), path.transfer_ground,
        kept(path), "; ".join(in_language(names) for names in path.safeguards), timezone.localdate(purpose.in_force_from).isoformat(),
    ]  # fmt: skip


def record_jsonld(brand: Brand) -> bytes:
    language = get_language() or brand.default_language
    graph: dict[str, Any] = {
        "@context": {**CONTEXT, "@language": language},
        "@type": "dpv:RecordsOfActivities",
        "dct:created": timezone.now().isoformat(timespec="seconds"),
        "dpv:hasDataController": {
            "@type": "dpv:DataController",
            "dct:title": brand.legal_name,
            "dpv:hasAddress": brand.legal_address,
            "dpv:hasContact": brand.support_email,
            "dpv:hasDataProtectionOfficer": {"@type": "dpv:DataProtectionOfficer", "dpv:hasContact": officer(brand)},
        },
        "dpv:hasProcess": [_recorded(brand, purpose, language) for purpose in offered_at(brand)],
    }
    return json.dumps(graph, ensure_ascii=False, indent=1).encode()


def _recorded(brand: Brand, purpose: Published, language: str) -> dict[str, Any]:
    """What the public file says of it, and what Art. 30 asks for beside: whose data, transfers, security."""
    subjects: list[dict[str, str]] = [{"@type": "dpv:Customer"}, *([{"@type": "dpv:Child"}] if brand.has_minors else [])]
    return {
        **process(purpose, language),
        "dpv:hasDataSubject": subjects,
        "dpv:hasTechnicalOrganisationalMeasure": [
            {"@type": "dpv:TechnicalOrganisationalMeasure", "dct:title": words}
            for words in _each(in_language(names) for path in purpose.uses for names in path.safeguards)
        ],
        "dpv:hasLegalMeasure": [
            {"@type": "dpv:DataTransferLegalBasis", "dct:title": words} for words in _each(path.transfer_ground for path in purpose.uses)
        ],
    }


def _each(words: Iterator[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]

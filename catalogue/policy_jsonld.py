"""A version of the policy as linked data, in terms of the Data Privacy Vocabulary 2.3 and Dublin Core: every language in one file."""

from __future__ import annotations

import json
from typing import Any

from brands.models import Brand
from catalogue.policies import Line, stored

DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"


def policy_jsonld(brand: Brand, line: Line, address: str) -> bytes:
    """`address`: of the version's page, to which the anchors of its clauses are added."""
    texts: dict[str, Any] = json.loads(stored(line))["texts"]
    first = texts.get(brand.default_language) or next(iter(texts.values()))
    graph = {
        "@context": {"dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/"},
        "@id": address,
        "@type": "dpv:PrivacyNotice",
        "dct:identifier": line.sha256,
        "dct:hasVersion": str(line.number),
        "dct:issued": _moment(line.published_at.isoformat()),
        "dct:valid": _moment(line.in_force_from.isoformat()),
        "dct:title": [_said(language, text["title"]) for language, text in texts.items()],
        "dct:description": [_said(language, text["summary"]) for language, text in texts.items()],
        "dct:hasPart": [_clause(clause["anchor"], texts, address) for clause in first["clauses"]],
        "dpv:hasDataController": {"@type": "dpv:DataController", "dct:title": brand.legal_name, "dpv:hasAddress": brand.legal_address},
    }
    return json.dumps(graph, ensure_ascii=False, indent=1).encode()


def _clause(anchor: str, texts: dict[str, Any], address: str) -> dict[str, Any]:
    found = {language: next((each for each in text["clauses"] if each["anchor"] == anchor), None) for language, text in texts.items()}
    return {
        "@id": f"{address}#{anchor}",
        "dct:title": [_said(language, clause["heading"]) for language, clause in found.items() if clause],
        "dct:description": [_said(language, clause["body"]) for language, clause in found.items() if clause],
    }


def _said(language: str, words: str) -> dict[str, str]:
    return {"@language": language, "@value": words}


def _moment(stamp: str) -> dict[str, str]:
    return {"@type": DATE_TIME, "@value": stamp}

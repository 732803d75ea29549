"""A version of the policy as linked data: it parses, names real terms, and says what the page says."""

from __future__ import annotations

import pytest
from django.test import Client
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF

from catalogue.tests.saying_policies import publish_policy

DPV = Namespace("https://w3id.org/dpv#")
# Each looked up in the term list of the vocabulary's repository (w3c/dpv, 2.3/dpv/dpv.csv), and in DCMI Metadata Terms.
TERMS = {
    *(DPV[term] for term in ("PrivacyNotice", "DataController", "hasDataController", "hasAddress")),
    *(DCTERMS[term] for term in ("identifier", "hasVersion", "issued", "valid", "title", "description", "hasPart")),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_it_parses_and_names_real_terms(brand):
    version = publish_policy(brand)
    response = Client(headers={"host": brand.host}).get("/policy/1.jsonld")
    assert response["Content-Type"] == "application/ld+json"
    found = Graph().parse(data=response.content.decode(), format="json-ld")
    page = URIRef(f"http://{brand.host}/policy/1/")
    assert (page, RDF.type, DPV.PrivacyNotice) in found
    assert (page, DCTERMS.identifier, Literal(version.sha256)) in found
    assert (page, DCTERMS.title, Literal("Polityka prywatności", lang="pl")) in found
    assert len(list(found.objects(page, DCTERMS.hasPart))) == 3
    assert (URIRef(f"{page}#kept"), DCTERMS.title, None) in found
    used = {term for triple in found for term in (triple[1], triple[2]) if isinstance(term, URIRef)}
    assert {term for term in used if str(term).startswith((str(DPV), str(DCTERMS)))} <= TERMS


def test_a_version_that_is_not_there_is_not_found(brand):
    publish_policy(brand)
    assert Client(headers={"host": brand.host}).get("/policy/2.jsonld").status_code == 404

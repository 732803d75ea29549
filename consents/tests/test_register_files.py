"""The register as files: who received what since when, and the same as linked data in terms that really exist."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rdflib import Graph, Literal, Namespace
from rdflib.namespace import DCTERMS, RDF

from brands.models import Brand
from brands.sheets import safe
from catalogue.actions import publish, retire, revise
from catalogue.content import Content
from catalogue.models import Purpose
from catalogue.tests.standing import in_force

DPV = Namespace("https://w3id.org/dpv#")
# Each looked up in the term list of the vocabulary's repository (w3c/dpv, 2.3/dpv/dpv.csv).
TERMS = set(
    "Consent Contract DataController DataProcessor DataSource JointDataControllers LegalObligation LegitimateInterest PersonalData Process"
    " Purpose StorageDuration ThirdParty hasAddress hasDataSource hasLegalBasis hasLocation hasPersonalData hasProcess hasPurpose"
    " hasRecipient hasStorageCondition".split()
)


def rows(client: Client) -> list[dict[str, str]]:
    response: Any = client.get("/how-we-use-data.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def test_everybody_finds_every_company_with_the_day_it_began(visitor: Client, linden: Brand) -> None:
    found = rows(visitor)
    named = {path.recipient_name for purpose in in_force(linden).values() for path in purpose.uses if path.recipient}
    assert {row["company"] for row in found} == named
    assert all(row["since"] == timezone.localdate().isoformat() and row["until"] == "" for row in found)


def test_a_change_ends_what_was_and_begins_what_is(visitor: Client, linden: Brand) -> None:
    """A narrower version: Adfield gets less from the day it comes into force."""
    ads = Purpose.objects.get(brand=linden, key="ads")
    assert ads.newest is not None
    content = Content.of(ads.newest)
    fewer = tuple(use for use in content.uses if use.category != "viewed-products")
    assert len(fewer) < len(content.uses)
    begun = timezone.localdate()
    later = timezone.now() + timedelta(days=40)
    with time_machine.travel(later, tick=True):
        publish(revise(ads, content=replace(content, uses=fewer)), by="system:tests", says_the_same=True)
        found = [row for row in rows(visitor) if row["company"] == "Adfield"]
    day = timezone.localdate(later).isoformat()
    old, new = ([row for row in found if row["version"] == number] for number in ("1", "2"))
    assert {(row["since"], row["until"]) for row in old} == {(begun.isoformat(), day)}
    assert {(row["since"], row["until"]) for row in new} == {(day, "")}
    assert {row["data"] for row in old} - {row["data"] for row in new} == {"Products you viewed"}


def test_what_was_retired_says_until_when(visitor: Client, linden: Brand) -> None:
    retire(linden.purposes.get(key="makers"), by="system:tests")
    mills = [row for row in rows(visitor) if row["company"] == "Tkalnia Brzozowa"]
    assert mills
    assert {row["until"] for row in mills} == {timezone.localdate().isoformat()}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_runs_as_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("Adfield") == "Adfield"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_for_machines_it_is_linked_data_in_real_terms(visitor: Client, linden: Brand) -> None:
    response = visitor.get("/how-we-use-data.jsonld")
    assert response["Content-Type"] == "application/ld+json"
    found = Graph().parse(data=response.content.decode(), format="json-ld")
    (controller,) = found.subjects(RDF.type, DPV.DataController)
    assert (controller, DCTERMS.title, Literal(linden.legal_name, lang="en")) in found
    assert len(list(found.objects(controller, DPV.hasProcess))) == len(in_force(linden))
    used = {str(term).removeprefix(str(DPV)) for triple in found for term in triple if str(term).startswith(str(DPV))}
    assert used <= TERMS

"""The translation of a receipt: RDF that parses, in terms that the Data Privacy Vocabulary 2.3 and Dublin Core really have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, XSD

from accounts.models import Customer
from brands.models import Brand
from consents import actions, jsonld
from consents.states import Scope, State, Verb
from consents.tests.acting import acts, allow, deny, own, press, signed_in
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident
from ledger.models import Entry

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its parser warns of its own inside
# Each looked up in the term list of the vocabulary's repository (w3c/dpv, 2.3/dpv/dpv.csv).
DPV_TERMS = set(
    "Consent ConsentExpired ConsentGiven ConsentNotice ConsentRecord ConsentRefused ConsentRequestDeferred ConsentRequested ConsentUnknown"
    " ConsentWithdrawn DataController DataProcessingRecord DataSubject LegalBasis LegitimateInterest LegitimateInterestNotObjected"
    " LegitimateInterestObjected Purpose UntilTimeDuration hasAddress hasConsentStatus hasDataController hasDataSubject hasDuration"
    " hasLegalBasis hasNotice hasPurpose hasStatus".split()
)
DCT_TERMS = set("created description hasVersion identifier title valid".split())
DPV = Namespace("https://w3id.org/dpv#")


def graph(data: bytes) -> Graph:
    return Graph().parse(data=data.decode(), format="json-ld")


def of(entry: Entry | None, brand: Brand) -> Graph:
    assert entry is not None
    return graph(jsonld.jsonld(entry, brand))


def terms(found: Graph) -> set[str]:
    return {str(term) for triple in found for term in triple if isinstance(term, URIRef)}


def check_terms(found: Graph) -> None:
    for term in terms(found):
        if term.startswith("https://w3id.org/dpv#"):
            assert term.removeprefix("https://w3id.org/dpv#") in DPV_TERMS, term
        elif term.startswith("http://purl.org/dc/terms/"):
            assert term.removeprefix("http://purl.org/dc/terms/") in DCT_TERMS, term
        else:
            assert term.startswith(("urn:uuid:", str(RDF))), term


def test_every_term_the_module_can_write_is_in_the_list() -> None:
    written = {*jsonld.STATUS.values(), *jsonld.OBJECTED.values(), *jsonld.BASIS.values()}
    assert {term.removeprefix("dpv:") for term in written} <= DPV_TERMS


def test_a_yes_is_a_consent_record(anna: Customer, browser: Client) -> None:
    entry = allow(anna, "news", "email").entry
    assert entry is not None
    response = browser.get(f"/history/{entry.public_id}.jsonld")
    assert response["Content-Type"] == "application/ld+json"
    found = graph(response.content)
    record = URIRef(f"urn:uuid:{entry.public_id}")
    assert (record, RDF.type, DPV.ConsentRecord) in found
    assert (record, DPV.hasConsentStatus, DPV.ConsentGiven) in found
    assert (record, DPV.hasLegalBasis, DPV.Consent) in found
    assert (record, DCTERMS.created, Literal(entry.act["recorded_at"], datatype=XSD.dateTime)) in found
    purpose = found.value(record, DPV.hasPurpose)
    assert found.value(purpose, DCTERMS.title) == Literal("News and offers", lang="en")
    assert entry.commitment in str(found.value(record, DCTERMS.description)), "it carries the proof's commitment"
    check_terms(found)


def test_the_person_is_a_reference_in_the_form_of_a_uuid(anna: Customer) -> None:
    entry = allow(anna, "recs").entry
    found = of(entry, anna.brand)
    subject = found.value(predicate=RDF.type, object=DPV.DataSubject)
    assert str(subject).replace("-", "") == f"urn:uuid:{anna.subject}"
    assert len(str(subject)) == len("urn:uuid:") + 36
    assert "anna" not in json.dumps(found.serialize(format="turtle")).lower()


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("unset", "ConsentUnknown"), ("deferred", "ConsentRequestDeferred"), ("pending", "ConsentRequested"), ("granted", "ConsentGiven"),
        ("refused", "ConsentRefused"), ("withdrawn", "ConsentWithdrawn"), ("expired", "ConsentExpired"), ("objected", "ConsentRefused"),
        ("opted_out", "ConsentRefused"),
    ],
)  # fmt: skip
def test_every_state_of_a_consent_has_its_status(anna: Customer, state: str, status: str) -> None:
    deny(anna, "recs")
    act: dict[str, Any] = acts(anna)[-1] | {"state": state}
    assert jsonld._choice(act, True)["dpv:hasConsentStatus"] == {"@id": f"dpv:{status}"}
    assert State(state) in State


@pytest.mark.parametrize(("verb", "status"), [(Verb.DENY, DPV.LegitimateInterestObjected)])
@pytest.mark.parametrize("purpose", ["legitimate-interest", "opt-out"])
def test_an_objection_is_no_consent_record(linden: Brand, purpose: str, verb: Any, status: URIRef) -> None:
    gail = resident(found_golden())
    no = of(press(gail, purpose, verb).entry, gail.brand)
    assert (None, RDF.type, DPV.ConsentRecord) not in no
    assert (None, DPV.hasStatus, status) in no
    back = of(allow(gail, purpose).entry, gail.brand)
    assert (None, DPV.hasStatus, DPV.LegitimateInterestNotObjected) in back
    for found in (no, back):
        assert (None, DPV.hasConsentStatus, None) not in found
        check_terms(found)


def test_until_when_and_what_notice(linden: Brand) -> None:
    gail = resident(found_golden())
    publish(gail.brand, "short", "consent", lifetime_months=1)
    gail.brand.refresh_from_db()
    entry = allow(gail, "short").entry
    found = of(entry, gail.brand)
    assert entry is not None
    assert Literal(entry.act["expires_at"], datatype=XSD.dateTime) in set(found.objects(predicate=DCTERMS.valid))
    assert Literal(f"sha256:{entry.act['shown']}") in set(found.objects(predicate=DCTERMS.identifier))
    check_terms(found)


def test_a_no_without_wording(anna: Customer) -> None:
    found = of(deny(anna, "recs", shown=None).entry, anna.brand)
    assert (None, DPV.hasNotice, None) not in found
    check_terms(found)


def test_other_entries_are_records_of_processing(anna: Customer) -> None:
    stop = actions.stop(anna, Scope.MARKETING, own(anna))
    joined = Entry.objects.of(anna.subject).get(seq=1)
    for entry in (stop, joined):
        found = of(entry, anna.brand)
        assert (None, RDF.type, DPV.DataProcessingRecord) in found
        check_terms(found)


def test_the_page_of_one_offers_it(anna: Customer) -> None:
    entry = allow(anna, "recs").entry
    assert entry is not None
    page = signed_in(anna).get(f"/history/{entry.public_id}/").content.decode()
    assert f"/history/{entry.public_id}.jsonld" in page

"""A receipt as JSON-LD in the terms of the Data Privacy Vocabulary 2.3 (ISO/IEC TS 27560 in DPV): a translation, unsigned.

It carries the commitment of the signed receipt, which is the proof.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from brands.models import Brand
from consents.shown import again
from consents.states import NO, State
from ledger.models import Entry

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
STATUS = {
    State.UNSET: "dpv:ConsentUnknown",
    State.DEFERRED: "dpv:ConsentRequestDeferred",
    State.PENDING: "dpv:ConsentRequested",
    State.GRANTED: "dpv:ConsentGiven",
    State.REFUSED: "dpv:ConsentRefused",
    State.WITHDRAWN: "dpv:ConsentWithdrawn",
    State.EXPIRED: "dpv:ConsentExpired",
}
# Where nobody asks for consent, there is none to give or refuse: the status is that of the interest.
OBJECTED = {True: "dpv:LegitimateInterestObjected", False: "dpv:LegitimateInterestNotObjected"}
WORDS = {"title": "title", "description": "sentence"}
BASIS = {"consent": "dpv:Consent", "legitimate_interest": "dpv:LegitimateInterest", "opt_out": "dpv:LegitimateInterest"}


def jsonld(entry: Entry, brand: Brand) -> bytes:
    """Of a choice: record, status, purpose in its words, controller, notice. Of any other entry: the record alone."""
    act = entry.act
    of_consent = entry.kind == "choice.decided" and act["basis"] in {"consent", "prohibited"}
    record: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": entry.public_id.urn,
        "@type": ["dpv:ConsentRecord" if of_consent else "dpv:DataProcessingRecord"],
        "dct:identifier": str(entry.public_id),
        "dct:created": {"@value": act["recorded_at"], "@type": "xsd:dateTime"},
        "dct:description": f"ledger entry of kind {entry.kind}; HMAC-SHA256 commitment {entry.commitment}",
        "dpv:hasDataSubject": {"@id": UUID(entry.subject).urn, "@type": "dpv:DataSubject"},
        "dpv:hasDataController": {"@type": "dpv:DataController", "dct:title": brand.legal_name, "dpv:hasAddress": brand.legal_address},
    }
    if entry.kind == "choice.decided":
        record |= _choice(act, of_consent)
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _choice(act: dict[str, Any], of_consent: bool) -> dict[str, Any]:
    saw = again(act["shown"])
    purpose: dict[str, Any] = {"@type": "dpv:Purpose", "dct:identifier": act["purpose"], "dct:hasVersion": str(act["version"])}
    if saw is not None:
        purpose |= {f"dct:{name}": {"@value": saw[key], "@language": saw["language"]} for name, key in WORDS.items()}
    choice: dict[str, Any] = {
        "dpv:hasPurpose": purpose,
        "dpv:hasLegalBasis": {"@id": BASIS.get(act["basis"], "dpv:LegalBasis")},
    }
    state = State(act["state"])
    if of_consent:
        choice["dpv:hasConsentStatus"] = {"@id": STATUS.get(state, "dpv:ConsentRefused")}
    else:
        choice["dpv:hasStatus"] = {"@id": OBJECTED[state in NO]}
    if act["expires_at"]:
        choice["dpv:hasDuration"] = {"@type": "dpv:UntilTimeDuration", "dct:valid": {"@value": act["expires_at"], "@type": "xsd:dateTime"}}
    if act["shown"]:
        choice["dpv:hasNotice"] = {"@type": "dpv:ConsentNotice", "dct:identifier": f"sha256:{act['shown']}"}
    return choice

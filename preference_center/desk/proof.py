"""The proof of what one person decided, as a file to hand to an authority: a receipt for each decision, which verifies without us, the
public keys, and a signed list of what is in it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

from accounts.models import Customer
from accounts.uploads import opened
from consents.models import Evidence
from ledger.keys import KeySet, encoded, key_set
from ledger.models import Entry
from ledger.receipts import receipt

KINDS = ("choice.decided", "scope.changed", "consent.claimed")
HOW = """Each file under receipts/ is one decision of the person. It proves itself, with no connection to us:

    python -m ledger.verify receipts/0*.json

Where somebody said yes on paper or by phone, evidence/ has the document; the receipt names its SHA-256 as "evidence".

manifest.json lists every file with its SHA-256; its signature (Ed25519, over the bytes of manifest.json) is in manifest.sig.
"""


def consent_proof(customer: Customer, now: datetime) -> bytes:
    """A ZIP file. Entries whose content has gone are named in the manifest by number and day alone."""
    keys, files, gone = key_set(), {}, []
    for entry in Entry.objects.of(customer.subject).filter(kind__in=KINDS).order_by("seq").iterator():
        if entry.payload:
            files[f"receipts/{entry.seq:05d}-{entry.number}.json"] = receipt(entry, keys)
        else:
            gone.append({"number": entry.number, "recorded_at": entry.recorded_at.date().isoformat()})
    for each in Evidence.objects.filter(customer=customer).order_by("entry"):
        document, kind = opened(each.document)
        files[f"evidence/{each.sha256}.{'pdf' if kind == 'application/pdf' else 'jpg'}"] = document
    files["receipts/consent-keys.json"] = json.dumps(keys.as_jwks(), sort_keys=True).encode()
    files["README.txt"] = HOW.encode()
    return _zipped(_signed(files, gone, customer, now, keys))


def _signed(files: dict[str, bytes], gone: list[dict[str, str]], customer: Customer, now: datetime, keys: KeySet) -> dict[str, bytes]:
    manifest = json.dumps(
        {
            "manifest": 1, "brand": customer.brand.key, "controller": customer.brand.legal_name, "customer": customer.code,
            "made_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "key": keys.signing_id, "emptied": gone,
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        },
        sort_keys=True, ensure_ascii=False, separators=(",", ":"),
    ).encode()  # fmt: skip
    return {**files, "manifest.json": manifest, "manifest.sig": encoded(keys.signing.sign(manifest)).encode()}


def _zipped(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _in_order(files):
            archive.writestr(name, content)
    return out.getvalue()


def _in_order(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """What to read first stands first."""
    first = ("README.txt", "manifest.json", "manifest.sig")
    yield from ((name, files[name]) for name in first)
    yield from ((name, files[name]) for name in sorted(files.keys() - set(first)))

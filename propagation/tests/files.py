"""Files of choices from an earlier system, and what an import made of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import TestCase

from accounts.models import Contact, Customer
from brands.models import Brand
from consents.models import Choice
from jobs.actions import run_due
from ledger.checking import verify
from ledger.models import Entry
from ledger.proving import prove
from propagation.importing import running
from propagation.importing.mapping import Setting
from propagation.models import Import, ImportLine

BY = "system:tests"
COLUMNS = ("email", "id", "phone", "purpose", "channel", "decision", "time", "wording", "source", "language")
LONG_AGO = "2026-01-05T10:00:00Z"
PROVEN = {"time": LONG_AGO, "wording": "Show me your ads on other sites.", "source": "checkout form"}

Line = dict[str, Any]


def yes(email: str, purpose: str = "ads", **more: Any) -> Line:
    """With its evidence."""
    return {"email": email, "purpose": purpose, "decision": "allow", **PROVEN, **more}


def no(email: str, purpose: str = "ads", **more: Any) -> Line:
    return {"email": email, "purpose": purpose, "decision": "deny", "time": LONG_AGO, **more}


def table(*lines: Line) -> bytes:
    """As CSV of our own form."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def objects(*lines: Line) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def received(brand: Brand, content: bytes, *, preset: str = "plain", dry: bool = False, **setting: str) -> Import:
    return running.receive(brand, [content], preset_key=preset, setting=Setting(**setting), dry=dry, by=BY)


def imported(brand: Brand, content: bytes, *, preset: str = "plain", dry: bool = False, **setting: str) -> Import:
    """Received and worked on."""
    with committed():
        run = received(brand, content, preset=preset, dry=dry, **setting)
        run_due()
    run.refresh_from_db()
    return run


def carried_out(run: Import) -> Import:
    with committed():
        running.carry_out(run, by=BY)
        run_due()
    run.refresh_from_db()
    return run


@contextmanager
def committed() -> Iterator[None]:
    """What waits for a commit is done, also inside the transaction around a test."""
    if not connection.in_atomic_block:
        yield
        return
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield


def report(run: Import) -> list[tuple[int, str, str]]:
    return list(ImportLine.objects.filter(run=run).values_list("line", "outcome", "why"))


def outcomes(run: Import) -> list[str]:
    return [outcome for _line, outcome, _why in report(run)]


def who(brand: Brand, email: str) -> Customer:
    customer = Customer.objects.get(brand=brand, contacts__channel=Contact.Channel.EMAIL, contacts__canonical=email)
    customer.brand = brand
    return customer


def is_here(brand: Brand, email: str) -> bool:
    return Contact.objects.email(email).filter(brand=brand).exists()


def stands(brand: Brand, email: str) -> dict[tuple[str, str], str]:
    """State by purpose and channel."""
    rows = Choice.objects.filter(customer=who(brand, email)).values_list("purpose", "channel", "state")
    return {(purpose, channel): state for purpose, channel, state in rows}


def chain(brand: Brand, email: str) -> list[str]:
    return list(Entry.objects.of(who(brand, email).subject).order_by("seq").values_list("kind", flat=True))


def faults() -> list[str]:
    """Of the ledger, after everything has its position."""
    prove()
    return [str(fault) for fault in verify()]


def everything() -> dict[str, int]:
    """Rows of every table."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy]
    return {model._meta.label: model._base_manager.count() for model in models}

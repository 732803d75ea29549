"""Name, language, place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.actions.turns import own_turn
from accounts.models import Customer
from brands.languages import own_name
from ledger.turns import Turn


@dataclass(frozen=True)
class Changed:
    """`what`: "name" or "language"."""

    what: str
    before: str
    now: str

    @property
    def words(self) -> tuple[str, str]:
        """Before and now as people read them: of a language its own name, “–” for nothing."""
        before, now = (own_name(each) if each and self.what == "language" else each or "–" for each in (self.before, self.now))
        return before, now


LONGEST_NAME = 200  # letters
REGION = re.compile(r"[A-Z0-9]{0,3}")  # the second half of ISO 3166-2: "CA" of "US-CA"


def change_name(*, customer: Customer, name: str, by: str = "") -> None:
    """What somebody says their name is, or their guardian (`by`): corrected at once (GDPR Art. 16), with the one before kept in their own
    record alone."""
    correct(customer=customer, by=by, name=name)


def choose_language(*, customer: Customer, language: str, by: str = "") -> None:
    correct(customer=customer, by=by, language=language)


def correct(*, customer: Customer, by: str = "", **wanted: str) -> list[Changed]:
    """`name`, `language`, or both: all of it or nothing, each with an entry of its own; what stands so already writes none."""
    _well_formed(customer, wanted)
    with own_turn(customer, by) as t:
        return correct_in(t, customer, wanted)


def correct_in(t: Turn, customer: Customer, wanted: Mapping[str, str]) -> list[Changed]:
    """The same inside a turn of the customer's."""
    _well_formed(customer, wanted)
    stored = Customer.objects.values(*wanted).get(pk=customer.pk)  # as it stands now that the turn holds the customer's head
    changed = compared(stored, wanted)
    for each in changed:
        t.append(customer.subject, f"{each.what}.changed", {each.what: each.now, "before": each.before})
        Customer.objects.filter(pk=customer.pk).update(**{each.what: each.now})
        setattr(customer, each.what, each.now)
    return changed


def compared(stored: Mapping[str, str], wanted: Mapping[str, str]) -> list[Changed]:
    """What would be different; nothing is written."""
    return [Changed(what, stored[what], now) for what, now in wanted.items() if stored[what] != now]


def _well_formed(customer: Customer, wanted: Mapping[str, str]) -> None:
    name = wanted.get("name", "")
    if len(name) > LONGEST_NAME or any(not letter.isprintable() for letter in name):
        raise ValidationError(_("Write the name on one line, in at most 200 letters."))
    if "language" in wanted and wanted["language"] not in customer.brand.languages:
        raise ValidationError(_("Choose one of the languages listed."))


def choose_country(*, customer: Customer, country: str, region: str = "", evidence: str = Customer.CountryEvidence.PERSON) -> None:
    """Country (ISO 3166-1 alpha-2) and region decide which law applies; `evidence` says how we know."""
    if country not in countries or not REGION.fullmatch(region):
        raise ValidationError(_("Choose a country from the list."))
    with own_turn(customer) as t:
        stored = Customer.objects.get(pk=customer.pk)
        if (stored.country, stored.region, stored.country_evidence) == (country, region, evidence):
            return
        act = {"country": country, "region": region, "evidence": str(evidence), "before": stored.country}
        t.append(customer.subject, "place.changed", act)
        Customer.objects.filter(pk=customer.pk).update(country=country, region=region, country_evidence=evidence)
    customer.country, customer.region, customer.country_evidence = country, region, evidence

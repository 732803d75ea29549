"""What the law of the brand's own country says to a purpose before it is published. Elsewhere it is tightened when somebody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.content import Content
from catalogue.problems import Problem
from regimes.resolver import Model, Place, consent_model, known_classes, tighten

EEA = frozenset("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split())
# What the wide word "do not sell or share" reaches.
SALE_CLASSES = frozenset(
    {
        "sale_or_disclosure_to_third_party_for_own_marketing", "targeted_advertising", "provide_to_other_handler",
        "child_disclosure_to_third_party_not_integral", "child_targeted_advertising", "child_tracking_targeted_ads",
    }
)  # fmt: skip
MARKETING_CLASSES = frozenset({"email_marketing", "sms_marketing", "phone_marketing", "postal_marketing", "automated_calls_fax"})


def law_problems(brand: Brand, content: Content, on: date) -> Iterator[Problem]:
    classes = known_classes() & set(content.classes)
    if not classes:
        return
    home = (Place(brand.country), None, on, brand.home_regime)
    basis = tighten(content.basis, classes, *home).basis
    if basis == "prohibited":
        yield Problem("prohibited", _("The law of the brand’s country forbids this use."), field="classes")
    elif basis != content.basis:
        yield Problem("consent_needed", _("For these classes the law of the brand’s country asks for consent."), field="basis")
    elif basis == "consent" and not content.explicit and consent_model(classes, *home).model is Model.EXPLICIT_OPT_IN:
        message = _("For these classes the law asks for explicit consent: mark the purpose as explicit and let its text say so.")
        yield Problem("explicit_needed", message, field="explicit")
    # GDPR Art. 21: whoever gets marketing may stop it, so it cannot stand where nobody can.
    elif basis in ("contract", "legal_duty") and classes & (MARKETING_CLASSES | SALE_CLASSES):
        message = _("Marketing and passing data on need a way to say no: they cannot stand on a contract or a legal duty.")
        yield Problem("no_way_to_say_no", message, field="basis")

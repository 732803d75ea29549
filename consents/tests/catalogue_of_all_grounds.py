"""A brand at home in California, where every legal ground stands as it is published, with one purpose for each ground."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actions import join
from accounts.models import Customer
from brands.actions import make_brand
from brands.models import Brand
from catalogue import actions
from catalogue.content import Content, TextFacts, UseFacts
from catalogue.models import DataCategory, Source
from catalogue.published import forget
from ledger.tests.made_once import made_once

# As many classes of the three wide words as the law lets a brand publish on each ground.
CLASSES = {
    "consent": ("email_marketing", "targeted_advertising", "sensitive_data"),
    "legitimate_interest": ("email_marketing", "targeted_advertising"),
    "opt_out": ("email_marketing", "targeted_advertising"),
    "contract": ("sensitive_data",),
    "legal_duty": ("sensitive_data",),
}
TEXT = TextFacts(
    title="Use", sentence="We use it.", data="Your name", recipients="Nobody outside the shop", sold="No", kept="Until you stop it",
    if_no="Nothing changes", ground="As the law has it",
)  # fmt: skip
USE = UseFacts(category="name", source="you", recipient="", country="DE", retention_days=30, retention_after="collected")


def key(basis: str) -> str:
    return basis.replace("_", "-")


def publish(
    brand: Brand, name: str, basis: str, classes: tuple[str, ...] = (), *, from_: datetime | None = None, channels: tuple[str, ...] = (),
    lifetime_months: int | None = None,
) -> None:  # fmt: skip
    content = Content(
        basis=basis, classes=classes or CLASSES[basis], texts={language: TEXT for language in brand.languages}, uses=(USE,),
        channels=channels, lifetime_months=lifetime_months, explicit=basis == "consent",
    )  # fmt: skip
    actions.publish(actions.draft_purpose(brand, key=name, content=content), by="system:tests", in_force_from=from_)


def found_golden() -> Brand:
    """For each ground: one purpose in force, one retired ("gone-"), one still to come ("soon-"); and two with channels."""
    made_once("the golden brand", _found_golden)
    brand = Brand.objects.get(key="golden")
    forget(brand)
    return brand


def _found_golden() -> None:
    brand = make_brand(
        key="golden", name="Golden", host="golden.localhost", by="system:tests", default_language="en", languages=["en"], country="US",
        home_regime="us-ca-ccpa", legal_name="Golden Inc.", legal_address="1 Main St", privacy_officer_email="privacy@golden.example",
        authority_name="CPPA", support_email="help@golden.example", sender_name="Golden", sender_email="post@golden.example",
    )  # fmt: skip
    words(brand)
    for basis in CLASSES:
        publish(brand, key(basis), basis)
        publish(brand, f"gone-{key(basis)}", basis)
        actions.retire(brand.purposes.get(key=f"gone-{key(basis)}"), by="system:tests")
        publish(brand, f"soon-{key(basis)}", basis, from_=timezone.now() + timedelta(days=1))
    publish(brand, "letters", "consent", channels=("email", "sms"))
    publish(brand, "flyers", "legitimate_interest", channels=("email", "sms"))


def words(brand: Brand) -> None:
    actions.declare(brand, DataCategory, "name", names={each: "Name" for each in brand.languages}, sensitive=False)
    actions.declare(brand, Source, "you", names={each: "You" for each in brand.languages}, kind="person")


def resident(brand: Brand, region: str = "CA") -> Customer:
    """Somebody who lives in that state. Maryland forbids the use of sensitive data, even with a yes."""
    customer = join(brand=brand, address=f"gail-{region.lower()}@example.com", language="en")
    Customer.objects.filter(pk=customer.pk).update(country="US", region=region)
    customer.refresh_from_db()
    customer.brand = brand
    return customer

"""A dry run of a policy version's changes: how many they concern, and three mails as different people would get them. Nobody is named, and
nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone, translation
from django_countries import countries

from accounts.models import Customer
from brands import mail
from brands.models import Brand
from catalogue.models import PolicyVersion
from catalogue.policy_content import ChangeContent
from consents.naming import in_language
from notifications import policy_changes
from notifications.addresses import NEWEST
from notifications.affected import Concerned, concerned, concerns, telling
from notifications.campaign_mail import Reader, context
from notifications.families import asked_about
from notifications.letters import as_sample, mark

SAMPLES = 3
ONE_BY_ONE = 2000  # of those whom the conditions are not exact for: the page must answer
GIVEN, CHILD = "Anna", "Zosia"  # stand for everybody's name


@dataclass(frozen=True)
class Sample:
    """One sort of people: how many of them there are, where they live, and the mail they would get."""

    count: int
    country: str
    changes: tuple[str, ...]  # titles
    language: str
    mail: EmailMultiAlternatives

    @property
    def html(self) -> str:
        return as_sample(str(self.mail.alternatives[0][0]))

    @property
    def text(self) -> str:
        return as_sample(str(self.mail.body))


@dataclass(frozen=True)
class DryRun:
    customers: int
    affected: int
    nowhere: int  # of these, without an address: the center tells them
    by_change: list[tuple[str, int]]
    samples: list[Sample]


Sort = tuple[tuple[bool, ...], str, str, str, bool]  # which changes concern them, country, region, language; read by adults for a child


def dry_run(version: PolicyVersion) -> DryRun:
    """Of a draft, too: it is read as if it were published now and applied after the notice."""
    version = _dated(version)
    brand, at = version.policy.brand, policy_changes.moment_of(version, timezone.now())
    changes = telling(sorted((ChangeContent.of(row) for row in version.changes.order_by("order")), key=policy_changes.place))
    customers = Customer.objects.filter(brand=brand)
    places = list(customers.order_by().values_list("country", "region").distinct())
    found = concerned(brand, changes, places, at)
    sorts, nowhere = _simple(brand, found)
    others, others_nowhere = _others(brand, found, at)
    sorts.update(others)
    concerning = [sum(count for sort, count in sorts.items() if sort[0][number]) for number in range(len(changes))]
    with translation.override(brand.default_language):
        titles = [in_language(change.titles) for change in changes]
    return DryRun(
        customers=customers.count(),
        affected=sum(sorts.values()),
        nowhere=nowhere + others_nowhere,
        by_change=list(zip(titles, concerning, strict=True)),
        samples=[_sample(version, changes, sort, count) for sort, count in _different(sorts)],
    )


def _dated(version: PolicyVersion) -> PolicyVersion:
    """A copy that is never saved."""
    newest = version.policy.newest
    copy: PolicyVersion = PolicyVersion.objects.select_related("policy__brand__theme").get(pk=version.pk)
    copy.number = copy.number or (newest.number or 0 if newest else 0) + 1
    copy.in_force_from = copy.in_force_from or timezone.now() + settings.POLICY_NOTICE + timedelta(days=1)
    return copy


def _simple(brand: Brand, found: Concerned) -> tuple[Counter[Sort], int]:
    flags = ", ".join(each.sql for each in found.conditions) or "TRUE"
    values = [value for each in found.conditions for value in each.values]
    columns = ", ".join(str(number) for number in range(1, len(found.conditions or [1]) + 5))
    sql = (
        f"SELECT {flags}, c.country, c.region, c.language, k.id IS NULL, COUNT(*) FROM accounts_customer c {NEWEST}"
        f" WHERE c.brand_id = %s AND {found.simple.sql} AND {found.any.sql} GROUP BY {columns}"
    )
    sorts: Counter[Sort] = Counter()
    nowhere = 0
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, brand.pk, *found.simple.values, *found.any.values])
        for *flagged, country, region, language, homeless, count in cursor.fetchall():
            sorts[tuple(map(bool, flagged)), country, region, language, False] += count
            nowhere += count if homeless else 0
    return sorts, nowhere


def _others(brand: Brand, found: Concerned, at: datetime) -> tuple[Counter[Sort], int]:
    sql = f"SELECT c.id FROM accounts_customer c WHERE c.brand_id = %s AND NOT {found.simple.sql} LIMIT {ONE_BY_ONE}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [brand.pk, *found.simple.values])
        keys = [row[0] for row in cursor.fetchall()]
    sorts: Counter[Sort] = Counter()
    nowhere = 0
    for customer in Customer.objects.filter(pk__in=keys).prefetch_related("contacts"):
        customer.brand = brand
        flags = tuple(concerns(customer, change, at) for change in found.changes)
        if any(flags):
            readers = asked_about(customer)
            of_child = readers[0].pk != customer.pk
            sorts[flags, customer.country, customer.region, readers[0].language, of_child] += 1
            nowhere += not any(contact.channel == "email" for reader in readers for contact in reader.contacts.all())
    return sorts, nowhere


def _different(sorts: Counter[Sort]) -> list[tuple[Sort, int]]:
    """The most frequent, each told something else than the ones before, while there are such; then by place and language."""
    ordered = sorts.most_common()
    first: dict[tuple[bool, ...], tuple[Sort, int]] = {}
    for each in ordered:
        first.setdefault(each[0][0], each)
    return [*first.values(), *(each for each in ordered if each not in first.values())][:SAMPLES]


def _sample(version: PolicyVersion, changes: Sequence[ChangeContent], sort: Sort, count: int) -> Sample:
    flags, country, region, language, of_child = sort
    brand = version.policy.brand
    spoken = language if language in brand.languages else brand.default_language
    mine = tuple(change for change, told in zip(changes, flags, strict=True) if told)
    at, age = policy_changes.moment_of(version, timezone.now()), 0 if of_child else None
    open_ = policy_changes.controls(brand, mine, country, region, age, at, of_child=of_child)
    reader = Reader("SAMPLE", GIVEN, mine, open_, Customer(name=CHILD) if of_child else None)
    with translation.override(spoken):
        values = context(brand, version, spoken, reader)
        titles = tuple(in_language(change.titles) for change in mine)
    values["greeting"] = values["greeting"].replace(mark("name"), GIVEN)
    values["about"] = values["about"].replace(mark("child"), CHILD)
    built = mail.build(brand, "policy_change", brand.support_email, spoken, values)
    return Sample(count, countries.name(country), titles, spoken, built)

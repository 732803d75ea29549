"""What has happened in the demo before anybody looks: played through the same actions as the pages, so the ledger is true."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

import brands
import catalogue
from accounts import factors
from accounts.actions import join
from accounts.actions.colleagues import appoint
from accounts.models import Customer, Person
from brands.actions import load_pack as load_brand
from brands.models import Brand
from catalogue.actions import load_pack as load_purposes
from catalogue.actions import load_policy
from catalogue.published import published
from consents import actions, shown
from consents.models import Frequency, Topic
from consents.saying import Said
from consents.states import Verb
from ledger.models import Head
from ledger.proving import prove
from preference_center.demo import families, partners, shop, systems
from preference_center.demo.cast import CAST, HOSTS, LINDEN, PACKS, WITH_AUTHENTICATOR, Member, member
from profiles.actions import load_questions
from profiles.pack import FOLDER as QUESTIONS

BY = "system:demo"
DESK_ROLES = {"sam": ("agent",), "ola": ("officer", "editor"), "iga": ("agent", "officer")}
# Who decided what, in this order.
DECISIONS = (
    ("anna", "recs", "", Verb.ALLOW),
    ("anna", "news", "email", Verb.ALLOW),
    ("anna", "news", "sms", Verb.ALLOW),
    ("anna", "makers", "", Verb.DENY),
    ("anna", "ads", "", Verb.DENY),
    ("anna", "news", "sms", Verb.DENY),
    ("marta", "cancel", "", Verb.ALLOW),
    ("marta", "sponsors", "", Verb.ALLOW),
    ("marta", "sponsors", "", Verb.DENY),
)
# What came from somebody else about whom.
FROM_OTHERS = (("anna", "carrier", "parcel-days"), ("marta", "club", "child-group"))

# What the brands write about, under which purpose, and how often.
NEWS = {"linden": "news", "kingfisher": "letter"}
TOPICS = {
    "linden": {
        "bed": {"en": "Bed linen", "pl": "Pościel"},
        "table": {"en": "Table and kitchen", "pl": "Stół i kuchnia"},
        "curtains": {"en": "Curtains and blinds", "pl": "Zasłony i rolety"},
        "rugs": {"en": "Rugs", "pl": "Dywany"},
        "care": {"en": "Care and mending", "pl": "Pielęgnacja i naprawa"},
        "sales": {"en": "Sales", "pl": "Wyprzedaże"},
    },
    "kingfisher": {
        "swimming": {"en": "Swimming", "pl": "Pływanie"},
        "athletics": {"en": "Athletics", "pl": "Lekkoatletyka"},
        "camps": {"en": "Summer camps", "pl": "Obozy letnie"},
    },
}
FREQUENCIES: tuple[tuple[int, str, dict[str, str], dict[str, str]], ...] = (
    (0, "always", {"en": "As it happens", "pl": "Na bieżąco"}, {"en": "about twice a month", "pl": "mniej więcej dwa razy w miesiącu"}),
    (28, "monthly", {"en": "Monthly digest", "pl": "Raz w miesiącu"}, {"en": "one email", "pl": "jeden e-mail"}),
    (90, "quarterly", {"en": "Four times a year", "pl": "Cztery razy w roku"}, {}),
)


def play() -> None:
    """Brands, catalogue, cast and decisions. Twice is once."""
    shops = {key: _open_brand(key) for key in HOSTS}
    people = {each.key: _come_in(each, shops[each.brand]) for each in CAST}
    played = {key for key, customer in people.items() if customer is None or customer.choices.exists()}
    for who, purpose, channel, verb in DECISIONS:
        customer = people[who]
        if customer is not None and who not in played:
            decide(customer, purpose, channel, verb)
    for who, source, category in FROM_OTHERS:
        customer = people[who]
        if customer is not None and not customer.received.exists():
            day = timezone.localdate() - timedelta(days=2)
            actions.receive(customer, source=source, categories=[category], received_on=day, by=BY)
    families.play(people["marta"])
    systems.connect(shops[LINDEN])
    partners.connect(shops[LINDEN])
    shop.connect(shops[LINDEN])
    prove()


def _open_brand(key: str) -> Brand:
    """The brand, and its purposes from its starter pack."""
    brand = load_brand(Path(brands.__file__).parent / "packs" / f"{key}.yaml", host=HOSTS[key], by=BY)
    load_purposes(brand, Path(catalogue.__file__).parent / "packs" / PACKS[key], by=BY)
    load_policy(brand, Path(catalogue.__file__).parent / "packs" / f"policy-{PACKS[key]}", by=BY)
    if (QUESTIONS / PACKS[key]).exists():
        load_questions(brand, QUESTIONS / PACKS[key], by=BY)
    brand.refresh_from_db()
    offer_topics(brand)
    return brand


def offer_topics(brand: Brand) -> None:
    """What its newsletter is about, and how often it may come."""
    for order, (key, names) in enumerate(TOPICS[brand.key].items()):
        Topic.objects.get_or_create(brand=brand, key=key, defaults={"purpose": NEWS[brand.key], "names": names, "order": order})
    for days, key, names, hints in FREQUENCIES:
        Frequency.objects.get_or_create(brand=brand, key=key, defaults={"days": days, "names": names, "hints": hints})


def _come_in(who: Member, brand: Brand) -> Customer | None:
    if who.staff:
        _employ(who, brand)
        return None
    customer = join(brand=brand, address=who.email, language=who.language)
    if not customer.name:
        customer.name = who.name  # as the shop's own records have it
        customer.save(update_fields=["name"])
    if who.key in WITH_AUTHENTICATOR and customer.person is not None:
        _give_authenticator(customer.person, customer, brand, who)
    return customer


def _employ(who: Member, brand: Brand) -> None:
    person = appoint(brand, who.email, DESK_ROLES[who.key], known_as=who.name.split()[0], by=BY)
    _give_authenticator(person, None, brand, who)


def _give_authenticator(person: Person, customer: Customer | None, brand: Brand, who: Member) -> None:
    if not factors.made_here(person, brand, "totp").exists():
        factors.add_authenticator(person=person, customer=customer, brand=brand, secret=who.secret)


def decide(customer: Customer, purpose_key: str, channel: str, verb: Verb) -> None:
    """As the choices page would: with what it shows, and the head it has seen."""
    purpose = published(customer.brand)[purpose_key]
    screen = shown.screen(customer.brand, purpose, channel, customer.language)
    seen = Head.objects.values_list("seq", flat=True).get(pk=customer.subject)
    said = Said(
        f"self:{customer.subject}", customer.subject, language=customer.language, seen=seen, version=screen.version, shown=screen.sha256
    )
    actions.say(customer, purpose_key, channel, verb, said)


def how_to_sign_in(port: str) -> str:
    """What `make run` prints: the cast, where they go, and the demo authenticators."""
    lines = ["Sign in with one of these addresses; the code arrives in the demo mailbox of the same site:"]
    for each in CAST:
        site = f"http://{HOSTS[each.brand]}:{port}"
        lines.append(f"  {each.email:32} {each.what:40} {site}/{'desk/' if each.staff else ''}")
    lines += [f"  Mailbox: http://{HOSTS[key]}:{port}/demo/mailbox/" for key in HOSTS]
    lines.append("Demo authenticators (add the secret to any authenticator app):")
    lines += [f"  {member(key).email:32} {member(key).secret}" for key in WITH_AUTHENTICATOR]
    return "\n".join(lines)

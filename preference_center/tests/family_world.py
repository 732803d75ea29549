"""Two families at the club and a customer of the shop, made by the real actions; all of Zofianna's is words that stand nowhere else.

Whoever is none of hers and none of her guardians must never be answered with one of these words. Nobody, her guardians included, is ever
answered with the address of somebody else.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import django_otp
from allauth.core import context
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.messages.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils.formats import date_format
from django.utils.translation import override
from PIL import Image

from accounts import looking
from accounts.actions import begin_guardianship, new_child
from accounts.actions.colleagues import appoint
from accounts.assurance import Level, Proof
from accounts.middleware import SESSION_BRAND
from accounts.models import AllauthDevice, Customer, Guardianship
from accounts.second_factor import FACTOR_SHOWN
from accounts.signing_in import let_in
from brands.models import Brand
from consents.models import Choice
from data_requests import actions as requests
from data_requests.links import FOLLOW, KEEP, signature
from data_requests.models import Request
from guardians import actions
from guardians.actions.becoming import BY_MAIL
from guardians.claim_links import link_of
from guardians.links import COOKIE, token_of
from guardians.models import ChildPage, Dispute, GuardianClaim, Invitation, Note, Wish
from guardians.tests.families import FATHER, SEEN, STAFF, a_child, adult, born, decides, page_of, said_by, tied, wishes
from jobs.actions import run_due
from ledger.models import Entry
from ledger.proving import prove
from preference_center.tests.cast import browser_at, open_brand
from propagation.models import Partner
from propagation.pseudonyms import Pseudonyms
from propagation.tests.conftest import key_of, partner_of

TWO_FACTORS = Proof(Level.IV3, "code_and_app")

# ── Who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

GUARDIAN, SECOND, FORMER, CHILD, SIBLING = "guardian", "second", "former", "child", "sibling"
STRANGER, ELSEWHERE, AGENT, NOBODY = "stranger", "elsewhere", "agent", "nobody"
ROLES = (GUARDIAN, SECOND, FORMER, CHILD, SIBLING, STRANGER, ELSEWHERE, AGENT, NOBODY)
GUARDIANS = frozenset({GUARDIAN, SECOND})
EVERYBODY = frozenset(ROLES)
HERE = EVERYBODY - {ELSEWHERE}


@dataclass
class World:
    """`browsers`: the host and the cookies of each role. `words`: what is hers alone. `addresses`: by whose they are."""

    kingfisher: Brand
    linden: Brand
    customers: dict[str, Customer]
    browsers: dict[str, dict[str, str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)

    @property
    def zosia(self) -> Customer:
        return self.customers[CHILD]

    @property
    def marta(self) -> Customer:
        return self.customers[GUARDIAN]

    @property
    def pawel(self) -> Customer:
        return self.customers[SECOND]

    def browser(self, role: str, **more: str) -> Client:
        """A browser as this role has it, each time anew."""
        client = browser_at(self.linden if role == ELSEWHERE else self.kingfisher, **more)
        for name, value in self.browsers[role].items():
            client.cookies[name] = value
        return client

    def forbidden(self, role: str, *, may: bool) -> dict[str, str]:
        """Every word that an answer to this role must not have in it, by what it is."""
        others = {f"the address of {whose}": address for whose, address in self.addresses.items() if whose != role}
        if role == GUARDIAN:  # she has written it herself
            del others["the address of somebody invited"]
        if may:
            return others | {what: self.words[what] for what in NOT_FOR.get(role, ())}
        # Whose page it is, and who has been a guardian of somebody here, is called by name on their own pages.
        names = {f"the name of {whose}": name for whose, name in self.names.items() if whose != role}
        return others | names | self.words


# ── What is hers ────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = {
    "her name": "Zofianna",
    "her surname": "Kanarkowska",
    "what she wishes": "kanarek-wish-7731",
    "what she wishes to have deleted": "kanarek-wish-7732",
    "the note of her mother": "kanarek-note-4417",
    "the note of her father": "kanarek-note-9902",
    "what was asked for her": "kanarek-request-5520",
    "a message about it": "kanarek-letter-8810",
    "the name of who is invited": "Babunia-kanarek-3318",
    "the name of a child not yet here": "Kanarkowa-6602",
    "what is contested": "kanarek-dispute-1207",
}
# What one of the family does not read, although it is about the same child.
OF_MARTA_ALONE = ("the name of who is invited", "the name of a child not yet here")
NOT_FOR = {SECOND: OF_MARTA_ALONE, CHILD: (*OF_MARTA_ALONE, "what was asked for her", "a message about it", "what is contested")}
NAMES = {GUARDIAN: "Marcjanna Kanarek-2204", SECOND: "Pafnucy Kanarek-2205", FORMER: "Iwonna Kanarek-2206"}


def found_families() -> World:
    """The club with Zofianna's family and Olek's, the shop with Lidia, and somebody at the desk."""
    kingfisher, linden = open_brand("kingfisher", "club.yaml"), open_brand("linden", "shop.yaml")
    customers = {
        GUARDIAN: adult(kingfisher, "kanarek-marta"), SECOND: adult(kingfisher, "kanarek-pawel", "pl"),
        FORMER: adult(kingfisher, "kanarek-iwona"), STRANGER: adult(kingfisher, "kanarek-ewa"), ELSEWHERE: adult(linden, "kanarek-lidia"),
    }  # fmt: skip
    world = World(kingfisher, linden, customers, words=dict(WORDS), names=dict(NAMES))
    world.addresses = {role: f"kanarek-{name}@example.com" for role, name in ADDRESSES.items()}
    world.addresses["somebody invited"] = "kanarek-babcia@example.com"
    for role, name in NAMES.items():
        Customer.objects.filter(pk=customers[role].pk).update(name=name)
        customers[role].name = name
    _zosia(world)
    customers[SIBLING] = a_child(world.marta, years=12, name="Jakub")
    a_child(customers[STRANGER], name="Olek")
    _what_happened(world)
    _requests(world)
    _partners(world)
    work()
    _browsers(world)
    return world


ADDRESSES = {GUARDIAN: "marta", SECOND: "pawel", FORMER: "iwona", STRANGER: "ewa", ELSEWHERE: "lidia"}


def work() -> None:
    """Positions, followers, jobs."""
    prove()
    run_due()


def _zosia(world: World) -> None:
    """Her father was invited by her mother, and confirmed himself by two mails; Iwona decided, too, until a court said no."""
    born_on = born(11, days=57)
    child = new_child(world.marta, "Zofianna Kanarkowska", born_on)
    begin_guardianship(guardian=world.marta, child=child, verified=SEEN, by=STAFF)
    child.brand = world.kingfisher
    world.customers[CHILD] = child
    world.words["her birth date"] = born_on.isoformat()
    for language in ("en", "pl"):
        with override(language):
            world.words[f"her birth date ({language})"] = date_format(born_on, "DATE_FORMAT")
    world.words["her reference in the ledger"] = child.subject
    row, code = actions.invite(world.marta, [child], name="Pafnucy", address=world.addresses[SECOND])
    claim = actions.begin_claim(world.pawel, claim="father", method="email_plus", invitation=row)
    assert actions.confirm_by_mail(claim)
    actions.accept(claim, by=BY_MAIL)
    claim.guardian = world.pawel
    tie = tied(world.customers[FORMER], child, FATHER)
    tie.child, tie.guardian = child, world.customers[FORMER]
    actions.end(tie, why="lost", by=STAFF)
    world.places |= {"claim": link_of(claim), "used_code": code}


def _what_happened(world: World) -> None:
    zosia, marta, pawel, words = world.zosia, world.marta, world.pawel, world.words
    wishes(zosia, "album", words["what she wishes"])
    deletion = actions.make_wish(zosia, "delete", note=words["what she wishes to have deleted"])
    granted = decides(marta, zosia, "photos", "allow", note=words["the note of her mother"])
    refused = decides(pawel, zosia, "results", "deny", note=words["the note of her father"])
    assert granted.entry is not None
    assert refused.entry is not None
    name, address = words["the name of who is invited"], world.addresses["somebody invited"]
    row, code = actions.invite(marta, [zosia], name=name, address=address)
    paper = actions.begin_claim(
        marta, claim="mother", method="signed_form", name=words["the name of a child not yet here"], birth_date=born(3)
    )
    world.places |= {
        "zosia": zosia.code, "receipt": granted.entry.public_id, "theirs": refused.entry.public_id, "wish": deletion.pk,
        "invitation": row.pk, "code": code, "token": token_of(zosia), "paper": link_of(paper),
    }  # fmt: skip


def _requests(world: World) -> None:
    zosia, by = world.zosia, f"guardian:{world.marta.subject}"
    text = {"text": world.words["what was asked for her"]}
    found = requests.receive(zosia, "correct", text, TWO_FACTORS, by=by).request
    requests.write(found, world.words["a message about it"], by=by, from_person=True)
    copy = requests.receive(zosia, "copy", {}, TWO_FACTORS, by=by).request
    key = world.kingfisher.key
    world.places |= {
        "request": found.number, "request_pk": found.pk, "copy": copy.number,
        "not_me": signature(key, found.number), "follow": signature(key, found.number, FOLLOW), "keep": signature(key, found.number, KEEP),
    }  # fmt: skip


def _partners(world: World) -> None:
    """The club's own list of members, and the shop's, each with a key for everything."""
    for brand in (world.kingfisher, world.linden):
        partner = partner_of(brand, "crm", names_people_by=Partner.Naming.EXTERNAL)
        world.places[f"key of {brand.key}"] = key_of(partner)[1]
        if brand is world.kingfisher:
            world.places["pairwise"] = Pseudonyms(partner).keep_one(world.zosia)


# ── Browsers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _browsers(world: World) -> None:
    cookie = settings.SESSION_COOKIE_NAME
    for role in (GUARDIAN, SECOND, FORMER, STRANGER, ELSEWHERE):
        world.browsers[role] = {cookie: session_of(world.customers[role])}
    for role in (CHILD, SIBLING):
        world.browsers[role] = {COOKIE: token_of(world.customers[role])}
    world.browsers[AGENT] = {cookie: session_at_the_desk(world.kingfisher, world.zosia)}
    world.browsers[NOBODY] = {}


def session_of(customer: Customer) -> str:
    """The key of a session in which somebody has just signed in, with a code and with their app: nobody has more to show."""
    request = _request(customer.brand)
    with context.request_context(request):
        assert customer.person is not None
        assert let_in(request, person=customer.person, customer=customer, how="code")
        request.session[FACTOR_SHOWN] = time.time()
        request.session.save()
    return str(request.session.session_key)


def session_at_the_desk(brand: Brand, opened: Customer) -> str:
    """Of somebody with every role, who has shown an authenticator, is nobody's customer, and has opened that record."""
    person = appoint(brand, "kanarek-ola@club.example", Group.objects.values_list("name", flat=True), by="system:tests")
    request = _request(brand)
    with context.request_context(request):
        assert let_in(request, person=person, customer=None, how="code")
        request.user = person
        django_otp.login(request, AllauthDevice.objects.get_or_create(user_id=person.pk, defaults={"name": "authenticator"})[0])
        looking.opened(request, opened)
        request.session.save()
    return str(request.session.session_key)


def _request(brand: Brand) -> Any:
    client = browser_at(brand)
    request: Any = RequestFactory().get("/")
    request.META.update(client.defaults)
    request.session, request.user = client.session, AnonymousUser()
    request.session[SESSION_BRAND] = brand.key
    request.brand, request.customer = brand, None
    request._messages = default_storage(request)
    return request


# ── What stands, and what was answered ──────────────────────────────────────────────────────────────────────────────


def of_hers(child: Customer) -> dict[str, Any]:
    """Everything that anybody could have changed of a child's."""
    rows = {
        "customer": Customer.objects.filter(pk=child.pk),
        "choices": Choice.objects.filter(customer=child),
        "guardianships": Guardianship.objects.filter(child_subject=child.subject),
        "wishes": Wish.objects.filter(child=child),
        "notes": Note.objects.filter(child=child),
        "page": ChildPage.objects.filter(child=child),
        "disputes": Dispute.objects.filter(child=child),
        "requests": Request.objects.filter(subject=child.subject),
    }
    found: dict[str, Any] = {name: list(each.order_by("pk").values()) for name, each in rows.items()}
    return found | {"entries": Entry.objects.of(child.subject).count()}


def of_adults(*adults: Customer) -> dict[str, Any]:
    """What stands of her guardians: their claims, invitations and entries."""
    return {
        "claims": list(GuardianClaim.objects.filter(guardian__in=adults).order_by("pk").values()),
        "invitations": list(Invitation.objects.filter(invited_by__in=adults).order_by("pk").values()),
        "entries": Entry.objects.filter(subject__in=[each.subject for each in adults]).count(),
        "people": list(Customer.objects.filter(pk__in=[each.pk for each in adults]).order_by("pk").values()),
    }


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back, as if nobody had ever asked."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # a code is proven in a transaction that wants to be the outermost
    with around:
        yield
        transaction.set_rollback(True)


def seen(response: Any) -> str:
    """Headers, cookies and body; of an archive what is packed in it."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = "\n".join(morsel.OutputString() for morsel in response.cookies.values())
    return f"{headers}\n{cookies}\n{body.decode(errors='replace')}"


def leaks(text: str, words: dict[str, str]) -> list[str]:
    return sorted(what for what, word in words.items() if word in text)


def picture() -> SimpleUploadedFile:
    """A signed form, as small as they come."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    return SimpleUploadedFile("form.png", made.getvalue(), content_type="image/png")


def allow_form(guardian: Customer, child: Customer, purpose: str, decision: str = "allow", /, **more: str) -> dict[str, str]:
    """What the button of the family page posts."""
    said = said_by(guardian, child, purpose)
    page = f"{'0' * 32}.{said.seen}.{said.version}.{said.language}.{said.shown}"
    return {"decision": decision, "page": page, **more}


def wish_form(child: Customer, purpose: str, act: str = "ask", /, **more: str) -> dict[str, str]:
    """What the button of the child's page posts."""
    return {"act": act, "page": page_of(child, purpose), **more}

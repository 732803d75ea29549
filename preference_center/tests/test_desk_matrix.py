"""Every address of the desk, asked by everybody who may come to its door. Who has no role for it reads nothing there and changes nothing,
whatever they send, and nobody reads or changes what is another brand's. An address that is in no row fails, and so does a row whose
address has gone."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import django_otp
import pytest
from allauth.core import context
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.messages.storage import default_storage
from django.core.cache import cache as shared
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

import catalogue
from accounts import uploads
from accounts.actions import join, save_provider, tie
from accounts.actions.colleagues import appoint
from accounts.actions.looking import look
from accounts.middleware import SESSION_BRAND
from accounts.models import AllauthDevice, Contact, Customer, OpenIdProvider, Person, Role, RoleChange
from accounts.sealed import seal
from accounts.signing_in import let_in
from brands.actions import reword
from brands.models import Brand, Logo, Theme, Wording
from catalogue.actions import draft_purpose, load_policy, revise_policy
from catalogue.admin.of_brand import OfBrand
from catalogue.content import Content as PurposeContent
from catalogue.models import Policy, PolicyText, PolicyVersion, Purpose, PurposeText, PurposeVersion
from consents.actions import receive
from consents.models import Choice, Passing
from consents.tests.acting import allow, deny
from data_requests.actions import name_system
from data_requests.models import Held, Request, RetentionReport, System
from data_requests.tests.conftest import SESSION, asked
from guardians import actions
from guardians.models import Dispute, GuardianClaim
from guardians.tests.families import STAFF, a_child, adult, born
from jobs.models import Job
from ledger.models import Cursor, Entry, Seal
from ledger.proving import prove
from notifications.models import Campaign
from preference_center.desk import views_noted
from preference_center.desk.site import Desk, desk
from preference_center.tests.cast import browser_at, open_brand
from preference_center.tests.family_world import seen, session_of, undone
from preference_center.tests.test_desk import errors
from preference_center.tests.test_desk_questions import posted
from profiles.actions import draft_question, publish_question, set_moment, set_stage
from profiles.admin.journey import StageAdmin
from profiles.content import Content, TextFacts
from profiles.models import Question, QuestionVersion, Stage
from propagation.actions import issue_key
from propagation.models import ApiKey, Comparison, Delivery, Endpoint, Import, Partner
from propagation.tests.conftest import partner_of
from regimes import law
from regimes.actions import SHIPPED, confirm, load
from regimes.confirmations import unconfirmed
from regimes.models import Confirmation

pytestmark = pytest.mark.django_db

# ── Who asks ────────────────────────────────────────────────────────────────────────────────────────────────────────

# The roles by a letter: agent, editor, officer, auditor; n is a role that allows nothing.
ROLES = {"a": "agent", "e": "editor", "o": "officer", "u": "auditor"}
ANYBODY = "aeoun"  # who is let in at all
AT_THE_DOOR = ""

NOBODY, CUSTOMER, OF_NO_USE = "nobody", "customer", "of no use"
FOREIGN, CROSSING, ELSEWHERE = "the other brand's", "with their session here", "of the other brand, signed in here"
DEMOTED, SUSPENDED = "agent, demoted since", "agent, suspended since"
COLUMNS = {
    NOBODY: AT_THE_DOOR, CUSTOMER: AT_THE_DOOR, OF_NO_USE: "n", "agent": "a", "editor": "e", "officer": "o", "auditor": "u",
    FOREIGN: "aeou", CROSSING: AT_THE_DOOR, ELSEWHERE: AT_THE_DOOR, DEMOTED: AT_THE_DOOR, SUSPENDED: AT_THE_DOOR,
}  # fmt: skip

# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    """One address, and what is sent to it. `gets`, `posts`: who is answered; `writes`: whose form may change something, all others' must
    not; `does`: whose form does, so that the row is about something. `names`: a row of Linden's in its "address" or in what is
    "sent", with which staff of the other brand can do nothing."""

    name: str
    args: tuple[str, ...] = ()
    gets: str = ""
    posts: str = ""
    writes: str = ""
    does: str = ""
    names: str = ""
    sends: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""  # of a route without a name
    query: str = ""
    methods: tuple[str, ...] = ("GET", "POST")
    judged: bool = True  # the doors themselves answer everybody

    def __str__(self) -> str:
        act = self.sends.get("action") or self.sends.get("act")
        return f"{self.name or self.path}{self.query}{f' {act}' if act else ''}"


@dataclass(frozen=True)
class Rows:
    """Who may do what with the rows of a model: see the list, add one, open its page, change it, delete it, press a button of the list."""

    sees: str
    adds: str = ""
    opens: str = ""
    changes: str = ""
    deletes: str = ""
    acts: Mapping[str, str] = field(default_factory=dict)
    idle: tuple[str, ...] = ()  # buttons with nothing to do in this world
    of_brand: bool = True  # the rows of an installation are the same at each brand
    adding: Mapping[str, Any] = field(default_factory=dict)  # a form that names a row of Linden's


WORDS = Rows("aeou", adds="e", opens="aeou", changes="e")
JOURNEY = Rows("aeou", adds="o", opens="aeou", changes="o", deletes="o")
MODELS = {
    "requests_request": Rows("aou", acts={"write_to_each": "ao", "extend_each": "ao"}),
    "requests_system": Rows("aou", adds="o", opens="aou", changes="o"),
    "requests_held": Rows("aou", acts={"deleted": "ao"}),
    "requests_retentionreport": Rows("ou", of_brand=False),
    "guardians_guardianclaim": Rows("aou"),
    "guardians_dispute": Rows("aou"),
    "catalogue_purpose": Rows("aeou", adds="e", opens="aeou", acts={"revise": "e", "retire": "o"}),
    "catalogue_purposeversion": Rows("aeou", opens="aeou", changes="e", deletes="e", acts={"publish": "o"}),
    "catalogue_policy": Rows("aeou", adds="e", opens="aeou", acts={"revise": "e", "reviewed": "o"}, idle=("revise",)),  # there is a draft
    "catalogue_policyversion": Rows(
        "aeou", opens="aeou", changes="e", deletes="e", acts={"publish": "o", "propose": "e"}, idle=("publish",),  # nothing differs
    ),
    "catalogue_datacategory": WORDS,
    "catalogue_source": WORDS,
    "catalogue_recipient": WORDS,
    "catalogue_safeguard": WORDS,
    "profiles_question": Rows("aeou", adds="e", opens="aeou", acts={"revise": "e", "retire": "o"}),
    "profiles_questionversion": Rows("aeou", opens="aeou", changes="e", deletes="e", acts={"publish": "o"}),
    "profiles_stage": JOURNEY,
    "profiles_moment": JOURNEY,
    "notifications_campaign": Rows("ou", opens="ou", acts={"pause": "o", "resume": "o", "end": "o"}),
    "consents_received": Rows(
        "ou", adds="o", adding={"what": ["{kind}"], "received_on": "{today}", "addresses": "{address}"},
    ),
    "consents_passing": Rows("aou", acts={"told": "o", "confirmed": "o"}),
    "propagation_partner": Rows("ou", adds="o", opens="ou", changes="o"),
    "propagation_apikey": Rows(
        "ou", adds="o", acts={"revoke": "o"},
        adding={"partner": "{propagation_partner}", "name": "mine", "verbs": ["decisions:read"], "purposes": ["*"], "expires_on": "{soon}"},
    ),
    "propagation_endpoint": Rows(
        "ou", adds="o", acts={"test": "o", "replay": "o", "rotate": "o", "close": "o"},
        adding={"partner": "{propagation_partner}", "url": "https://mine.example/hook"},
    ),
    "propagation_delivery": Rows("ou"),
    "propagation_comparison": Rows("ou", acts={"replay": "o"}),
    "propagation_import": Rows("ou"),
    "brands_brand": Rows("eou", opens="eou", changes="o"),
    "brands_theme": Rows("eou", opens="eou", changes="e"),
    "brands_wording": Rows("eou", adds="e", opens="eou", changes="e", deletes="e", acts={"delete_selected": "e"}),
    "brands_logo": Rows("eou", adds="e", opens="eou"),
    "accounts_openidprovider": Rows("ou", opens="ou", changes="o"),  # one a brand, and there is one
    "ledger_entry": Rows("ou"),
    "ledger_seal": Rows("ou", of_brand=False),
    "ledger_cursor": Rows("ou", of_brand=False),
    "jobs_job": Rows("ou", acts={"again": "o"}, of_brand=False),
    "regimes_confirmation": Rows("ou", adds="o", opens="ou", of_brand=False),
}  # fmt: skip

PERSON, REQUEST = ("code",), ("requests_request",)
DRAFTS = (("purpose", "catalogue_purposeversion"), ("question", "profiles_questionversion"))
CLAIM, CHILD, DISPUTE = ("guardians_guardianclaim",), ("child",), ("guardians_dispute",)
# As in Row: its name, what is in its address, who gets, who posts, who writes, whose form does something, what it names, what is sent.
PAGES: Mapping[str, tuple[Row, ...]] = {
    "the first pages": (
        Row("index", gets=ANYBODY, posts=ANYBODY, sends={"action": "delete_selected"}),
        Row("jsi18n", gets=ANYBODY, posts=ANYBODY),
        Row("login", judged=False),
        Row("logout", judged=False),
        Row("", path="/desk/nothing-here/"),
        Row("app_list", ("requests",)),  # leads to the first page, whoever asks
    ),
    "reports": (
        Row("figures", gets="eou"),
        Row("figures", gets="ou", query="?csv=partners"),
        Row("reports", gets="ou"),
        Row("reports_verify", posts="ou", writes="ou", does="ou"),
        Row("reports_requests", posts="ou", writes="ou", does="ou"),
        Row("reports_audit", posts="ou", writes="ou", does="ou"),
        Row("reports_proof", PERSON, "", "o", "o", "o", "address"),
        Row("record_of_processing", gets="ou"),
        Row("record_of_processing_csv", gets="ou"),
        Row("record_of_processing_jsonld", gets="ou"),
    ),
    "colleagues": (  # a number of the other brand's is as good as none: 404, as if it stood in the address
        Row("colleagues", (), "o", "o", "o", "o", "", {"act": "ask", "address": "new@example.com", "roles": ["agent"], "given": "on"}),
        Row("colleagues", (), "o", "o", "o", "o", "address", {"act": "give", "change": "{role_change}"}, methods=("POST",)),
        Row(
            "colleagues", (), "o", "o", "o", "o", "address", {"act": "refuse", "change": "{role_change}", "given": "on"},
            methods=("POST",),
        ),
        Row("colleagues", (), "o", "o", "o", "o", "address", {"act": "suspend", "person": "{colleague}"}, methods=("POST",)),
    ),
    # The officer has opened the record before, the agent has not.
    "customers": (
        Row("people", gets="ao", posts="ao", writes="ao", does="ao", sends={"typed": "{address}"}),
        Row("person", PERSON, "ao", "ao", "ao", "a", "address", {"act": "look", "reason": "called", "note": "", "subject": "0" * 32}),
        Row("person", PERSON, "ao", "ao", "o", "o", "address", {"act": "halt", "verified_at": "2026-01-01", "is_staff": "on"}),
        Row("person", PERSON, "ao", "ao", "", "", "address", {"act": "again", "message": "1"}),
        Row("person", PERSON, "ao", "ao", "o", "o", "address", {"act": "stop", "scope": "marketing", "how": "phone"}),
    ),
    "requests": (
        Row("requests_request_figures", gets="aou", posts="aou"),
        Row("requests_request_figures", gets="aou", posts="aou", query="?csv"),
        Row("requests_request_changelist", gets="aou", posts="aou", query="?open=all"),
        Row(
            "requests_request_receive", (), "ao", "ao", "ao", "ao", "sent",
            {"code": "{code}", "kind": "copy", "via": "phone", "received_on": "{today}", "text": "A copy.", "verified_at": "2026-01-01"},
    ),
        Row("requests_request_one", REQUEST, "aou", "aou", "aou", "au", "address", {"act": "look", "state": "verified"}),
        Row("requests_request_one", REQUEST, "aou", "aou", "o", "o", "address", {"act": "write", "text": "Which?", "state": "verified"}),
        Row("requests_request_one", REQUEST, "aou", "aou", "o", "o", "address", {"act": "fulfil", "answer": "Done.", "number": "R-1"}),
        Row("requests_request_one", REQUEST, "aou", "aou", names="address", sends={"act": "verify", "verified_at": "2026-01-01"}),
    ),
    "families": (
        Row("guardians_guardianclaim_one", CLAIM, "aou", "aou", "o", "o", "address", {"act": "refuse", "why": "No.", "state": "over"}),
        Row("guardians_guardianclaim_one", CLAIM, "aou", "aou", names="address", sends={"act": "accept"}),  # a form on paper takes two
        Row("guardians_guardianclaim_changelist", gets="aou", posts="aou", query="?state=all"),
        Row("guardians_guardianclaim_evidence", CLAIM, "ao", "ao", names="address"),
        Row("guardians_guardianclaim_find", (), "ao", "ao", "ao", "ao", "sent", {"child": "{child}"}),
        Row(
            "guardians_guardianclaim_child", CHILD, "ao", "ao", "o", "o", "address",
            {"act": "birth_date", "birth_date": "{older}", "document": "A passport", "subject": "0" * 32},
    ),
        Row("guardians_dispute_open", (), "ao", "ao", "ao", "ao", "sent", {"child": "{other_child}", "reason": "Mine.", "tie": "1"}),
        Row("guardians_dispute_one", DISPUTE, "aou", "aou", "o", "o", "address", {"act": "go_on", "settled_at": "2026-01-01"}),
    ),
    "drafts to be looked at": (
        *(Row(f"preview_{kind}{end}", (draft,), "aeou", names="address") for kind, draft in DRAFTS for end in ("", "_as_read")),
        Row("preview_policy_as_read", ("catalogue_policyversion",), "aeou", names="address"),
        Row("preview_theme", posts="e", sends={"forged": "brands_theme"}),
        Row("preview_theme_css", query="?accent=%23000000"),
    ),
    "questions and campaigns": (
        Row("profiles_question_journey", gets="aeou", posts="aeou"),
        Row("profiles_question_relevance", (), "eou", "o", "o", "o", "sent", {"question": "{question}"}),
        Row("notifications_campaign_one", ("notifications_campaign",), "ou", "ou", names="address", sends={"action": "end"}),
        Row("notifications_campaign_proof", ("notifications_campaign",), "", "ou", "ou", "ou", "address"),
        Row("notifications_preview", ("published_policy",), "aeou", "aeou", names="address"),
        Row("notifications_preview_html", ("published_policy", "first"), "aeou", "aeou", names="address"),
    ),
    "what was published": (
        Row("catalogue_purposeversion_change", ("published_purpose",), "aeou", names="address", sends={"number": "", "basis": "contract"}),
        Row("catalogue_purposeversion_delete", ("published_purpose",), names="address", sends={"post": "yes"}),
        Row("catalogue_policyversion_change", ("published_policy",), "aeou", names="address", sends={"number": "", "removed": ""}),
        Row("catalogue_policyversion_delete", ("published_policy",), names="address", sends={"post": "yes"}),
    ),
}  # fmt: skip


def rows_of(name: str, who: Rows) -> Iterator[Row]:
    """As Django's admin makes them: the list and its buttons, a page to add, and of each row its page, its history and its end."""
    whose = "address" if who.of_brand else ""
    sent = "sent" if who.of_brand else ""
    yield Row(f"{name}_changelist", (), who.sees, who.sees, sends=EDITED_LIST, names=sent)
    for act in sorted({*who.acts, "delete_selected"}):
        may, sends = who.acts.get(act, ""), {
            "action": act, "_selected_action": [f"{{{name}}}", f"{{theirs_{name}}}"], "post": "yes", "words": "We work on it.",
        }  # fmt: skip
        does = "" if act in who.idle else may
        yield Row(f"{name}_changelist", (), "", who.sees, may, does, sent, sends, methods=("POST",))
    yield Row(f"{name}_add", (), who.adds, who.adds, who.adds, sends={"forged": name})
    if who.adding:
        yield Row(f"{name}_add", (), "", who.adds, who.adds, who.adds, "sent", who.adding, methods=("POST",))
    yield Row(f"{name}_change", (name,), who.opens, who.changes, who.changes, names=whose, sends={"forged": name})
    yield Row(f"{name}_delete", (name,), who.deletes, who.deletes, who.deletes, who.deletes, whose, {"post": "yes"})
    yield Row("", path=f"/desk/{name.replace('_', '/')}/x1/", gets=ANYBODY, posts=ANYBODY)  # leads on to the page of that number


EDITED_LIST = {"_save": "Save", "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": "1", "form-0-key": "mine"}
PARTS = {**PAGES, **{name: tuple(rows_of(name, who)) for name, who in MODELS.items()}}
TABLE = tuple(row for rows in PARTS.values() for row in rows)

# ── What nobody reads who has no business with it ───────────────────────────────────────────────────────────────────

# What stands in a world by a word of its own, and whose role meets it somewhere: none does where there is no letter.
KNOWN_TO = {
    "the address": "o", "the name": "o", "the phone number": "o", "the number in the shop": "o", "the code": "aou",
    "the number of the request": "aou", "what was asked": "o", "the name of the adult": "aou", "the name of the child to be": "o",
    "the name of the child": "aou", "what was shown": "o", "what is contested": "o", "the address of the partner": "ou",
    "the client at the provider": "ou", "our own wording": "eou", "the draft of a question": "aeou", "the system": "aou",
    "a colleague": "ou", "a colleague to be": "o", "the reference in the ledger": "o", "the secret of the partner": "",
    "the secret of the endpoint": "", "the digest of the key": "", "the secret at the provider": "", "what is sealed": "",
    "what was sent": "",
}  # fmt: skip
# Of these only on the page that is about them.
ONLY_AT = {
    "the address": {"person"}, "the name": {"person"}, "the phone number": {"person"}, "the number in the shop": {"person"},
    "what was asked": {"requests_request_one"}, "the name of the child to be": {"guardians_guardianclaim_one"},
    "what was shown": {"guardians_guardianclaim_evidence"}, "a colleague": {"reports_audit", "colleagues"},
    "a colleague to be": {"colleagues", "index"},
    "the reference in the ledger": {"reports_proof"},  # each receipt carries it
}  # fmt: skip

# ── The world, once for all rows ────────────────────────────────────────────────────────────────────────────────────


@dataclass
class World:
    """By the key of a brand: `places`, what stands in the addresses and forms of the table; `rows`, one of each model; `words`, by what
    they are. By column: `cookies`, the key of its session; `people`, who of the desk that is."""

    brands: dict[str, Brand] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, dict[str, Model]] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    anna: Any = None

    def browser(self, column: str) -> Client:
        """As this column has it: nothing stays of what was answered before."""
        client = _client("kingfisher" if column == FOREIGN else "linden")
        client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: self.cookies[column]} if column in self.cookies else {})
        return client

    def fill(self, value: Any) -> Any:
        """The numbers and words of Linden's rows in the places of the table; and where it says so, a form with every field of one."""
        if isinstance(value, str):
            return value.format(**self.places["linden"]) if "{" in value else value
        if isinstance(value, Mapping):
            if "forged" in value:
                return forged(self.rows["linden"][value["forged"]])
            return {name: self.fill(each) for name, each in value.items()}
        return [self.fill(each) for each in value] if isinstance(value, list) else value

    def path(self, row: Row) -> str:
        return (row.path or reverse(f"desk:{row.name}", args=[self.places["linden"].get(each, each) for each in row.args])) + row.query


@cache
def _client(key: str) -> Client:
    client = Client(headers={"host": f"{key}.localhost"})
    client.raise_request_exception = False  # a page that breaks is a finding, with the row it stands in
    return client


def forged(row: Model) -> dict[str, str]:
    """Every column of a row, the ones that no form has too."""
    return {each.name: str(each.value_from_object(row)) for each in row._meta.concrete_fields} | {"_save": "Save"}


def found_world() -> World:
    world = World()
    furnished = {"linden": ("shop.yaml", "anna"), "kingfisher": ("club.yaml", "marta")}
    for key, (pack, whose) in furnished.items():
        world.brands[key] = open_brand(key, pack)
        world.places[key], world.rows[key], world.words[key] = {}, {}, {}
        Furnished(world, key, whose).all(pack)
    _of_the_installation(world)
    for row in (each for rows in world.rows.values() for each in rows.values()):
        row.refresh_from_db()  # as it stands at the end: what is compared with it later comes from the database, too
    prove()
    for key, rows in world.rows.items():
        rows |= {"ledger_entry": Entry.objects.filter(brand=key).latest("pk"), "ledger_seal": Seal.objects.latest("pk")}
        rows |= {"ledger_cursor": Cursor.objects.latest("pk")}
        world.places[key] |= {name: row.pk for name, row in rows.items()}
    world.places["linden"] |= {f"theirs_{name}": pk for name, pk in world.places["kingfisher"].items()}
    _sit(world)
    return world


@dataclass
class Furnished:
    """One brand with a row of everything, each with a word of its own."""

    world: World
    key: str
    whose: str

    def __post_init__(self) -> None:
        self.brand = self.world.brands[self.key]
        self.places, self.rows = self.world.places[self.key], self.world.rows[self.key]

    def word(self, what: str, text: str) -> str:
        return self.world.words[self.key].setdefault(what, text)

    def marked(self, what: str, kind: str) -> str:
        return self.word(what, f"kanarek-{kind}-{self.whose}")

    def keep(self, **rows: Model | None) -> None:
        for name, row in rows.items():
            assert row is not None, name
            self.rows[name] = row

    def all(self, pack: str) -> None:
        self._published(pack)
        self._customer()
        self._family()
        self._partner()

    def _published(self, pack: str) -> None:
        brand = self.brand
        load_policy(brand, PACKS / f"policy-{pack}", by=BY)
        purpose, policy = Purpose.objects.filter(brand=brand).order_by("order")[0], Policy.objects.get(brand=brand)
        newest, published = purpose.newest, policy.newest
        assert newest is not None
        assert published is not None
        draft = draft_purpose(brand, key="canary", content=PurposeContent.of(newest), order=99)
        self.keep(
            catalogue_purpose=purpose, catalogue_purposeversion=draft, catalogue_policy=policy,
            catalogue_policyversion=revise_policy(policy), brands_brand=brand, brands_theme=brand.theme, brands_logo=brand.logos.first(),
            catalogue_datacategory=brand.data_categories.first(), catalogue_source=brand.sources.first(),
            catalogue_recipient=brand.recipients.first(), catalogue_safeguard=brand.safeguards.first(),
            notifications_campaign=Campaign.objects.create(brand=brand, version=published, kind="change", chosen_at=timezone.now()),
        )  # fmt: skip
        self.places |= {"published_purpose": newest.pk, "published_policy": published.pk, "first": 0}
        reword(brand, language="en", key="history.lede", text=self.marked("our own wording", "wording"), by=BY)
        moment = set_moment(brand, key="canary.seen", names={"en": "Canary", "pl": "Kanarek"}, by=BY)
        stage = set_stage(brand, key="canary", names={"en": "Canary", "pl": "Kanarek"}, order=0, by=BY)
        self.keep(brands_wording=brand.wordings.get(key="history.lede"), profiles_moment=moment, profiles_stage=stage)
        use, category = ("recs", "room-sizes") if self.key == "linden" else ("sponsors", "email")
        words = TextFacts(title="Canary", why_now="Now.", benefit="It sings.", if_not="Nothing.", used_by="Us.", save_label="Save")
        content = Content("number", use, category, 365, dict.fromkeys(("en", "pl"), words), least=0, most=9)
        question = publish_question(draft_question(brand, key=f"canary-{self.whose}", content=content), by=BY).question
        question_draft = draft_question(brand, key=self.marked("the draft of a question", "question"), content=content)
        self.keep(profiles_question=question, profiles_questionversion=question_draft)
        self.places["question"] = question.key

    def _customer(self) -> None:
        brand = self.brand
        address = self.word("the address", f"kanarek-{self.whose}@example.com")
        customer = join(brand=brand, address=address, language="en")
        number = self.word("the phone number", "+48600100100" if self.whose == "anna" else "+48600900900")
        tie(brand=brand, value=self.marked("the number in the shop", "id"), email=address, phone=number, language="en", country="PL", by=BY)
        Customer.objects.filter(pk=customer.pk).update(name=self.word("the name", f"Kanarek {self.whose.title()}-4411"))
        customer.refresh_from_db()
        customer.brand = brand
        self.word("the code", customer.code)
        self.word("the reference in the ledger", customer.subject)
        if self.key == "linden":
            self.world.anna = customer
        colleague = appoint(brand, self.word("a colleague", f"kanarek-desk-{self.whose}@example.com"), ["auditor"], by=BY)
        look(customer, by=f"staff:{colleague.reference}", reason="called")
        new = Person.objects.create_user(self.word("a colleague to be", f"kanarek-new-{self.whose}@example.com"))
        waiting = RoleChange.objects.create(person=new, brand=brand, roles=["agent"], asked_by=STAFF)
        self.places |= {"colleague": colleague.pk, "role_change": waiting.pk}
        asks = {"text": self.marked("what was asked", "request")}
        request = asked(customer, "review", SESSION, asked=asks)
        Request.objects.filter(pk=request.pk).update(due=timezone.localdate() + timedelta(days=3))
        self.word("the number of the request", request.number)
        system = name_system(System(key="canary", name=self.marked("the system", "system")), brand=brand, by=BY)
        sealed = self.word("what is sealed", seal({"keys": {}, "to": ["kanarek@example.com"], "language": "en"}))
        yesterday = timezone.localdate() - timedelta(days=1)
        held = Held.objects.create(request=request, system=system, subject=customer.subject, until=yesterday, found=[], sealed=sealed)
        source, category = ("carrier", "parcel-days") if self.key == "linden" else ("club", "child-group")
        received = receive(customer, source=source, categories=[category], received_on=yesterday, by=BY)
        type(received).objects.filter(pk=received.pk).update(tell_by=timezone.localdate() + timedelta(days=2))
        use = "makers" if self.key == "linden" else "sponsors"
        allow(customer, use)
        deny(customer, use)
        entry = Entry.objects.of(customer.subject).filter(kind="choice.decided").latest("seq")
        passing = Passing.objects.create(
            customer=customer, entry=entry.pk, purpose=use, recipient="canary", name="Canary", change="stopped", recorded_at=timezone.now(),
            confirm_by=timezone.now() + timedelta(days=2),
        )  # fmt: skip
        self.keep(
            requests_request=request, requests_system=system, requests_held=held, consents_received=received, consents_passing=passing
        )
        self.places |= {
            "address": address, "code": customer.code, "today": timezone.localdate().isoformat(), "kind": f"{source}/{category}",
            "soon": (timezone.localdate() + timedelta(days=20)).isoformat(),
        }  # fmt: skip

    def _family(self) -> None:
        """An adult who decides for two, contested for one of them; another who handed in a form."""
        parent, claimer = adult(self.brand, f"Kanarek-parent-{self.whose}"), adult(self.brand, f"Kanarek-adult-{self.whose}")
        self.word("the name of the adult", claimer.name)
        child = a_child(parent, name=self.word("the name of the child", f"Kanarek-child-{self.whose}"))
        other = a_child(parent, years=12, name=f"Kanarek-other-{self.whose}")
        name = self.word("the name of the child to be", f"Kanarek-tobe-{self.whose}")
        claim = actions.begin_claim(claimer, claim="mother", method="signed_form", name=name, birth_date=born(9))
        paper = f"%PDF-1.7 {self.marked('what was shown', 'paper')}".encode()
        actions.hand_in(claim, uploads.sealed(paper), paper)
        claim.refresh_from_db()
        dispute = actions.open_dispute(child, self.marked("what is contested", "dispute"), by=STAFF)
        self.keep(guardians_guardianclaim=claim, guardians_dispute=dispute)
        self.places |= {"child": child.code, "other_child": other.code, "older": born(13).isoformat()}

    def _partner(self) -> None:
        brand, now = self.brand, timezone.now()
        partner = partner_of(brand, "canary")
        self.word("the secret of the partner", partner.secret)
        until = now + timedelta(days=5)
        key, _secret = issue_key(partner, name="nightly", verbs=["decisions:read"], purposes=["*"], expires_at=until, by=BY)
        self.word("the digest of the key", key.digest)
        url = self.word("the address of the partner", f"https://kanarek-{self.whose}.example/hook")
        endpoint = Endpoint.objects.create(
            partner=partner, number=f"ep_{self.whose}", url=url, failing_since=now, failures=2,
            secret=self.word("the secret of the endpoint", seal({"secret": "whsec_kanarek"})),
        )  # fmt: skip
        body = f'{{"word": "{self.marked("what was sent", "delivery")}"}}'
        delivery = Delivery.objects.create(
            endpoint=endpoint, number=f"evt_{self.whose}", kind="choice.changed", body=body, next_try=now, created_at=now, state="dead"
        )
        comparison = Comparison.objects.create(endpoint=endpoint, day=timezone.localdate(), count=1, their_count=2, answered_at=now)
        run = Import.objects.create(brand=brand, preset="csv", sha256="0" * 64, by=BY, made_at=now)
        provider = save_provider(
            OpenIdProvider(label="Canary", issuer="https://id.example", client_id=self.marked("the client at the provider", "client")),
            {}, brand=brand, secret="kanarek", by=BY,
        )  # fmt: skip
        self.word("the secret at the provider", provider.secret)
        self.keep(
            propagation_partner=partner, propagation_apikey=key, propagation_endpoint=endpoint, propagation_delivery=delivery,
            propagation_comparison=comparison, propagation_import=run, accounts_openidprovider=provider,
        )  # fmt: skip


BY = "system:tests"
PACKS = Path(catalogue.__file__).parent / "packs"


def _of_the_installation(world: World) -> None:
    """Of no brand: each officer and each auditor sees it."""
    anna = world.places["linden"]["address"]
    job = Job.objects.create(
        handler="tests.canary", payload={"address": anna}, run_after=timezone.now(), gave_up_at=timezone.now(), error="OSError"
    )
    unsure = next(iter(unconfirmed()))
    said = confirm(key=unsure.key, path=unsure.path, sha256=unsure.sha256, source="https://law.example", by=STAFF)
    report = RetentionReport.objects.create(day=timezone.localdate(), table="canary", rows=1)
    for rows in world.rows.values():
        rows |= {"jobs_job": job, "regimes_confirmation": said, "requests_retentionreport": report}


def _sit(world: World) -> None:
    """A session for each column, as the doors leave it behind. Two agents and the officer have opened Anna's record in theirs."""
    linden, kingfisher = world.brands["linden"], world.brands["kingfisher"]
    world.cookies[CUSTOMER] = session_of(world.anna)
    Group.objects.create(name=OF_NO_USE)
    for column, letters in COLUMNS.items():
        if column not in {NOBODY, CUSTOMER, CROSSING, ELSEWHERE}:
            groups = ["agent"] if column in {DEMOTED, SUSPENDED} else [ROLES.get(letter, OF_NO_USE) for letter in letters]
            world.people[column], world.cookies[column] = _seat(kingfisher if column == FOREIGN else linden, column, groups)
    world.cookies[CROSSING] = world.cookies[FOREIGN]
    everything = appoint(kingfisher, "everything@kingfisher.example", ROLES.values(), by=BY)
    world.people[ELSEWHERE], world.cookies[ELSEWHERE] = everything, _session(linden, everything)
    page = reverse("desk:person", args=[world.anna.code])
    for column in ("officer", DEMOTED, SUSPENDED):
        assert world.browser(column).post(page, {"act": "look", "reason": "called"}).status_code == 303
        assert world.words["linden"]["the address"] in world.browser(column).get(page).content.decode()
    for name in ("guardians_guardianclaim", "guardians_dispute"):
        opened = reverse(f"desk:{name}_one", args=[world.rows["linden"][name].pk])
        assert world.browser("officer").post(opened, {"act": "look"}).status_code == 303
    child = reverse("desk:guardians_guardianclaim_child", args=[world.places["linden"]["child"]])
    assert world.browser("officer").post(child, {"act": "look"}).status_code == 303
    for key in {each for column, each in world.cookies.items() if column != CUSTOMER}:
        _has_opened_everything(key)
    Role.objects.filter(person=world.people[DEMOTED]).delete()
    Person.objects.filter(pk=world.people[SUSPENDED].pk).update(is_active=False)


def _has_opened_everything(session_key: str) -> None:
    """So that the entry of each page opened, which is of the session's first look alone, is not taken for somebody's write."""
    shared.set(views_noted.mark_of(session_key), dict.fromkeys({row.name for row in TABLE}, time.time()), 3600)


def _seat(brand: Brand, column: str, groups: list[str]) -> tuple[Person, str]:
    """Somebody with these roles, and the key of their session."""
    person = appoint(brand, f"{re.sub('[^a-z]+', '-', column)}@{brand.key}.example", groups, by=BY)
    return person, _session(brand, person)


def _session(brand: Brand, person: Person) -> str:
    """The key of one at that brand, in which they have signed in with a mailed code and shown an authenticator."""
    client = browser_at(brand)
    request: Any = RequestFactory().get("/")
    request.META.update(client.defaults)
    request.session, request.user = client.session, AnonymousUser()
    request.session[SESSION_BRAND] = brand.key
    request.brand, request.customer = brand, None
    request._messages = default_storage(request)
    with context.request_context(request):
        assert let_in(request, person=person, customer=None, how="code")
        request.user = person
        django_otp.login(request, AllauthDevice.objects.get_or_create(user_id=person.pk, defaults={"name": "authenticator"})[0])
        request.session.save()
    return str(request.session.session_key)


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One transaction around all tests of the module, taken back after the last."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase marks the transaction around a test
    with django_db_blocker.unblock():
        around.__enter__()
    try:
        with django_db_blocker.unblock():
            load(path=SHIPPED, by=BY)
            law.reload()
            made = found_world()
        logging.disable(logging.WARNING)  # thousands of refusals
        yield made
    finally:
        logging.disable(logging.NOTSET)
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            law.reload()
            connection.close()


@pytest.fixture
def world(furnished: World, db: None) -> World:
    return furnished


# ── What is asked, and what comes of it ─────────────────────────────────────────────────────────────────────────────

# Which table a statement writes to. What a session or a cache remembers is no record of anything.
WRITES = re.compile(r'^\s*(?:WITH\b.*?)?\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE)\s+"?([a-z_]+)', re.IGNORECASE | re.DOTALL)
NO_RECORDS = {"django_session", "usersessions_usersession", "cache"}


@contextmanager
def written_down() -> Iterator[list[str]]:
    """The tables that are written to inside."""
    found: list[str] = []

    def told(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        table = WRITES.match(str(sql))
        if table and table[1] not in NO_RECORDS:
            found.append(table[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(told):
        yield found


ANSWERED, REFUSED, AWAY, BROKEN = "answered", "refused", "sent to the door", "broken"


def answer(response: Any) -> str:
    """In a word. A row that is not of this brand leads back to the first page, as one that never was."""
    if response.status_code >= 500:
        return BROKEN
    if response.status_code in {403, 404, 405}:
        return REFUSED
    where = response.get("Location", "")
    if where.startswith(("/desk/login/", "/sign-in/")):
        return AWAY
    return REFUSED if where == "/desk/" else ANSWERED


def ask(world: World, row: Row, column: str, method: str) -> Any:
    """The other brand's staff send what they know of Linden; Linden's own send what they know of the other brand beside it."""
    browser, path = world.browser(column), world.path(row)
    if method == "GET":
        return browser.get(path)
    sent = world.fill(row.sends)
    if column == FOREIGN and "_selected_action" in sent:
        sent["_selected_action"] = sent["_selected_action"][:1]
    return browser.post(path, sent)


def met(world: World, row: Row, column: str, method: str, text: str, *, answered: bool) -> list[str]:
    """The words in an answer that this column must not read there. What somebody typed themselves is no news to them."""
    own, letters = ("kingfisher" if column == FOREIGN else "linden"), COLUMNS[column]
    sent = f"{world.path(row)} {world.fill(row.sends) if method == 'POST' else ''}"
    found = []
    for brand, words in world.words.items():
        for what, word in words.items():
            known = answered and brand == own and set(letters) & set(KNOWN_TO[what]) and row.name in ONLY_AT.get(what, {row.name})
            if not known and word in text and word not in sent:
                found.append(f"reads {what} of {brand}")
    return found


def cells(part: str, columns: Iterable[str] = tuple(COLUMNS)) -> Iterator[tuple[Row, str, str]]:
    """Whoever is not let in, or has no role, is turned away before a form is read: one form of an address is enough for them."""
    known: set[tuple[str, ...]] = set()
    for row in PARTS[part]:
        address = (row.name, row.path, *row.args)
        again = address in known
        known.add(address)
        for column in columns:
            if not (again and COLUMNS[column] in {AT_THE_DOOR, "n"}):
                yield from ((row, column, method) for method in row.methods)


def check(part: str, world: World, counted: dict[str, int], columns: Iterable[str] = tuple(COLUMNS)) -> list[str]:
    """What is wrong with these rows, a line each. What somebody may do is taken back, what nobody may do is left to be found."""
    found = []
    for row, column, method in cells(part, columns):
        counted["requests"] += 1
        found += [f"{row} | {column} | {method} | {what}" for what in one(world, row, column, COLUMNS[column], method)]
    return found


def one(world: World, row: Row, column: str, letters: str, method: str) -> Iterator[str]:
    """What is wrong with one answer."""
    theirs_alone = column == FOREIGN and row.names
    may = set(letters) & set(row.gets if method == "GET" else row.posts) and not (theirs_alone and row.names == "address")
    writes = method == "POST" and bool(set(letters) & set(row.writes)) and not theirs_alone
    other = world.rows["kingfisher"].get(row.name.rpartition("_")[0]) if row.names else None
    with written_down() as tables:
        if may or not row.judged:
            with undone():
                response = ask(world, row, column, method)
                text = seen(response)
                if writes and column != FOREIGN and other is not None and "theirs" in str(row.sends):
                    yield from _touched(other)
        else:
            response = ask(world, row, column, method)
            text = seen(response)
    said = answer(response)
    wanted = ANSWERED if may else AWAY if not letters else REFUSED
    if row.judged and said != wanted and not (may and said == REFUSED and response.status_code == 405):
        yield f"{said} ({response.status_code} {response.get('Location', '')}), not {wanted}"
    if tables and not writes:
        yield f"writes {', '.join(sorted(set(tables)))}"
    if not tables and method == "POST" and set(letters) & set(row.does) and not theirs_alone:
        yield "does nothing"
    yield from met(world, row, column, method, text, answered=said == ANSWERED)


def _touched(row: Model) -> Iterator[str]:
    """A row of the other brand stands as it stood."""
    now = type(row)._default_manager.filter(pk=row.pk).first()
    if now is None or forged(now) != forged(row):
        yield "changes a row of the other brand"


# What stands in the tables that matter most, in one number: nothing of it is changed by anybody who may not, by whatever way.
MAIN = (
    Customer, Person, RoleChange, Contact, Choice, Passing, Request, Held, System, GuardianClaim, Dispute, Purpose, PurposeVersion,
    PurposeText, Policy, PolicyVersion, PolicyText, Brand, Theme, Wording, Logo, Question, QuestionVersion, Stage, Campaign, Partner,
    ApiKey, Endpoint, Delivery, OpenIdProvider, Job, Confirmation, Group, Permission, Group.permissions.through, Role,
)  # fmt: skip


def standing() -> tuple[int, str]:
    """Entries of the ledger, and the number of all else."""
    rows = [sorted(map(repr, model._default_manager.values_list())) for model in MAIN]
    return Entry.objects.exclude(kind="person.signed_in").count(), hashlib.sha256(repr(rows).encode()).hexdigest()


def routes(patterns: Iterable[Any], before: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, f"{before}{each.pattern}")
        elif isinstance(each, URLPattern):
            yield before + str(each.pattern).removeprefix("^")  # as a resolved address tells it


ROUTES = {route for route in routes(get_resolver("preference_center.urls").url_patterns) if route.startswith("desk/")}
SIZE = f"{len(ROUTES)} routes, {len(TABLE)} rows, {len(COLUMNS)} columns, {sum(1 for part in PARTS for _each in cells(part))} requests"


def uncovered(world: World, all_routes: Iterable[str], table: Iterable[Row]) -> list[str]:
    """Addresses without a row, and rows without an address."""
    covered, found = set(), []
    for row in table:
        try:
            covered.add(resolve(world.path(row).partition("?")[0]).route)
        except NoReverseMatch:
            found.append(f"gone: {row}")
    return found + [f"in no row: {route}" for route in sorted(set(all_routes) - covered)]


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    """How much was asked by this process, for whoever reads the report."""
    found = {"requests": 0, "findings": 0}
    return found


# ── The tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_address_of_the_desk_has_a_row(world: World) -> None:
    assert not uncovered(world, ROUTES, TABLE), "nobody has said who may read what is answered there"


def test_every_button_of_a_list_has_a_row() -> None:
    for model, admin in desk._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert {*(admin.actions or ())} == {*MODELS[name].acts} - {"delete_selected"}, name


@pytest.mark.parametrize("part", PARTS)
def test_nobody_reads_or_changes_what_is_not_theirs(part: str, world: World, counted: dict[str, int]) -> None:
    before = standing()
    found = check(part, world, counted)
    counted["findings"] += len(found)
    assert not found, "\n".join([f"{len(found)} findings; of {SIZE}", *found])
    assert standing() == before


# Where somebody finds what they may know: a search that finds nothing anywhere would pass all of the above.
STANDS_AT = {
    "the address": "person", "the name": "person", "the phone number": "person", "the number in the shop": "person",
    "the code": "consents_passing_changelist", "the number of the request": "requests_request_changelist",
    "what was asked": "requests_request_one", "the name of the adult": "guardians_guardianclaim_changelist",
    "the name of the child to be": "guardians_guardianclaim_one", "the name of the child": "guardians_dispute_changelist",
    "what was shown": "guardians_guardianclaim_evidence", "what is contested": "guardians_dispute_one",
    "the address of the partner": "propagation_endpoint_changelist", "the client at the provider": "accounts_openidprovider_change",
    "our own wording": "brands_wording_changelist", "the draft of a question": "profiles_question_changelist",
    "the system": "requests_system_changelist", "a colleague": "reports_audit", "a colleague to be": "index",
    "the reference in the ledger": "reports_proof",
}  # fmt: skip


def test_the_words_are_where_they_were_put(world: World) -> None:
    assert {*STANDS_AT} == {what for what, letters in KNOWN_TO.items() if letters}
    assert all({*words} == {*KNOWN_TO} and all(words.values()) for words in world.words.values())
    for what, name in STANDS_AT.items():
        row = next(row for row in TABLE if row.name == name)
        method = "GET" if row.gets else "POST"
        for letter in KNOWN_TO[what]:
            text = seen(ask(world, row, ROLES[letter], method))
            assert world.words["linden"][what] in text, f"{what}: {ROLES[letter]}"
        if not row.args:
            assert world.words["kingfisher"][what] in seen(ask(world, row, FOREIGN, method)), what


NOTED = {"written_by"}  # by the action: whoever sent the form, whatever the form says


@pytest.mark.parametrize("name", [name for name, who in MODELS.items() if who.changes])
def test_a_form_sets_nothing_that_it_does_not_show(name: str, world: World) -> None:
    """Sent as the page has it, with every other column of the row beside it."""
    browser: Any = world.browser(ROLES[MODELS[name].changes])
    row, other = world.rows["linden"][name], world.rows["kingfisher"][name]
    path = reverse(f"desk:{name}_change", args=[row.pk])
    shown = {bound.name for bound in browser.get(path).context["adminform"].form}
    hidden = [each for each in row._meta.concrete_fields if each.name not in shown | NOTED]
    sneaked = {each.name: str(each.value_from_object(other)) for each in hidden} | dict.fromkeys(NOTED, STAFF)
    assert sneaked, "its brand, its number and what is secret are in no form"
    before = type(row)._default_manager.get(pk=row.pk)
    with written_down() as tables:
        saved = browser.post(path, posted(browser, path) | sneaked)
    if name != "accounts_openidprovider":  # which would be asked for its addresses
        assert saved.status_code == 302, errors(saved)
        assert tables
    now = type(row)._default_manager.filter(pk=row.pk).first()
    if now is not None:  # a draft is written anew, below its purpose
        assert [each.value_from_object(now) for each in hidden] == [each.value_from_object(before) for each in hidden]
        me = f"staff:{world.people[ROLES[MODELS[name].changes]].reference}"
        assert getattr(now, "written_by", me) == me
    assert not [*_touched(other)]


# ── That it can fail ────────────────────────────────────────────────────────────────────────────────────────────────


def grant(role: str, codename: str) -> None:
    Group.objects.get(name=role).permissions.add(Permission.objects.get(codename=codename))


def test_a_wider_role_is_reported_with_its_route(world: World, counted: dict[str, int]) -> None:
    grant("agent", "view_entry")
    found = check("ledger_entry", world, counted, ("agent", "editor", "officer"))
    assert "ledger_entry_changelist | agent | GET | answered (200 ), not refused" in found
    assert all(" | agent | " in each for each in found)


def test_a_button_for_one_role_more_is_reported_by_what_it_writes(world: World, counted: dict[str, int]) -> None:
    grant("auditor", "change_job")
    found = check("jobs_job", world, counted, ("officer", "auditor"))
    assert found == ["jobs_job_changelist again | auditor | POST | writes jobs_job"]


def test_a_list_of_all_brands_is_reported_by_what_it_shows(world: World, counted: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OfBrand, "get_queryset", ModelAdmin.get_queryset)
    found = check("requests_request", world, counted, ("agent", FOREIGN))
    for column, brand in (("agent", "kingfisher"), (FOREIGN, "linden")):
        assert f"requests_request_changelist | {column} | GET | reads the number of the request of {brand}" in found


def test_a_door_that_stands_open_is_reported_by_who_comes_in(
    world: World, counted: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing()
    monkeypatch.setattr(Desk, "has_permission", lambda self, request: True)
    monkeypatch.setattr(StageAdmin, "has_delete_permission", lambda self, request, obj=None: True)
    found = check("profiles_stage", world, counted, (NOBODY, CROSSING, CUSTOMER))
    assert f"profiles_stage_changelist | {NOBODY} | GET | refused (403 ), not {AWAY}" in found
    assert f"profiles_stage_delete | {CROSSING} | GET | answered (200 ), not {AWAY}" in found
    assert any(each.startswith(f"profiles_stage_delete | {CUSTOMER} | POST | writes ") for each in found)
    assert standing() != before


def test_an_address_without_a_row_is_reported_and_a_row_without_an_address(world: World) -> None:
    found = uncovered(world, ROUTES | {"desk/new/"}, (*TABLE, Row("what_was")))
    assert {"gone: what_was", "in no row: desk/new/"} <= {*found}

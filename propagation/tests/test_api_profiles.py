"""What people told, what happened with them, and a question for a page of the brand: three calls, each behind its verb, and none of them a
way around what the person allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import tie
from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow, deny
from ledger.models import Entry
from ledger.proving import prove
from ledger.tests.made_once import made_once
from profiles import actions, published
from profiles.budget import Why
from profiles.models import Answer, AnswerUse, Ask, Happening, Question
from profiles.pack import FOLDER
from profiles.tests.asking import HERE, SIZE, later, text
from profiles.tests.asking import published as publish_one
from profiles.tests.asking import tells as told_by
from propagation.models import IdempotentAnswer, KeyUse, Partner, Pseudonym
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, problem
from propagation.tests.conftest import BY, key_of, partner_of

ID = "C-1001"
VISIT = "a visit to the shop"
BACK = "https://shop.example.com/thanks?order=7"
EVENT = {"person": ANNA, "event": "order.placed"}
PROMPT = {"person": ANNA, "visit": VISIT, "back": BACK}


def names_the_size(text: str) -> bool:
    """“160x200” or “160 × 200”; the number alone a token may hold by chance."""
    return re.search(r"160\s?[x×]", text) is not None


@pytest.fixture
def linden(linden: Brand) -> Brand:
    """With the questions of its starter pack, before there is anything of a test's own."""
    made_once("the shop's questions", lambda: actions.load_questions(linden, FOLDER / "shop.yaml", by=BY))
    linden.refresh_from_db()
    return linden


@pytest.fixture
def asking(linden: Brand) -> Iterator[Brand]:
    """Linden, which asks what its starter pack has."""
    published.forget(linden)
    yield linden
    published.forget(linden)


@pytest.fixture
def willing(asking: Brand, anna: Customer) -> Customer:
    """Anna, whom the brand's list calls C-1001, and who allows what the questions are for."""
    tie(brand=asking, value=ID, email=ANNA["email"], language="en", country="PL", by=BY)
    anna.brand.refresh_from_db()
    allow(anna, "recs")
    return anna


@pytest.fixture
def told(willing: Customer) -> Customer:
    assert told_by(willing).answer
    return willing


@pytest.fixture
def asked(willing: Customer) -> Customer:
    assert actions.happen_at_brand(willing, "order.placed")
    return willing


def answers(api: Api, **query: Any) -> dict[str, Any]:
    response = api.get("/answers", **({"purpose": "recs", "id": ID} | query))
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def with_verbs(crm: Partner, *verbs: str, **more: Any) -> Api:
    return Api(Client(headers={"host": crm.brand.host}), key_of(crm, *verbs, **more)[1])


def prompt(api: Api, **more: Any) -> dict[str, Any]:
    response = api.post("/prompts", PROMPT | more)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


# ── What people told ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_read_with_its_words(api: Api, told: Customer) -> None:
    found = answers(api)
    assert (found["allowed"], found["purpose"]) == (True, "recs")
    (one,) = found["answers"]
    assert (one["question"], one["version"], one["value"]) == ("bed-size", 1, SIZE)
    assert (one["title"], " ".join(one["words"].split())) == ("Which bed are these for?", "160 × 200")
    assert one["given_at"].endswith("Z")


def test_the_same_by_the_partners_own_number(api: Api, crm: Partner, told: Customer) -> None:
    pairwise = api.post("/people", {"id": ID, **ANNA}).json()["pairwise"]
    assert Pseudonym.objects.get(partner=crm, customer=told).value == pairwise
    by_number = api.get("/answers", purpose="recs", pairwise=pairwise).json()
    assert by_number == answers(api)


def test_with_a_slash_it_is_the_same(api: Api, told: Customer) -> None:
    response = api.get("/answers/", purpose="recs", id=ID)
    assert response.status_code == 200
    assert response.json()["answers"] == answers(api)["answers"]


@pytest.mark.parametrize(
    "query",
    [
        {}, {"id": ID, "pairwise": "0" * 32}, {"email": "anna.kowalczyk@example.com"}, {"phone": "+48600100100"}, {"id": ""},
        {"id": "x" * 201}, {"id": "C\0"}, {"id": " C"}, {"id": "a\nb"}, {"pairwise": "0" * 31}, {"pairwise": "G" * 32},
        {"id": ID, "question": "Bed Size"}, {"id": ID, "question": ["bed-size"] * 51}, {"id": ID, "question": "x" * 41},
        {"id": ID, "language": "polski"}, {"id": ID, "language": ""},
    ],
)  # fmt: skip
def test_what_names_nobody_or_says_too_much_is_refused(api: Api, told: Customer, query: dict[str, Any]) -> None:
    response = api.get("/answers", purpose="recs", **query)
    assert problem(response) == (422, "invalid")
    assert "anna" not in response.content.decode()
    assert not AnswerUse.objects.exists()


@pytest.mark.parametrize("purpose", ["attic", "x" * 60])
def test_a_use_that_there_is_not_is_unknown(api: Api, told: Customer, purpose: str) -> None:
    assert problem(api.get("/answers", purpose=purpose, id=ID)) == (422, "unknown-purpose")


def test_a_use_that_goes_by_channel_has_no_answers(api: Api, told: Customer) -> None:
    allow(told, "news", "email")
    assert answers(api, purpose="news")["answers"] == []


def test_what_else_stands_in_the_address_reads_nobody_else(api: Api, told: Customer) -> None:
    """An address is not taken: beside an id it names nobody, and nobody is counted under another name."""
    response = api.get("/answers", purpose="recs", id="nobody", email=ANNA["email"], reader="somebody else", at="2020-01-01")
    assert response.status_code in {200, 422}
    assert not names_the_size(response.content.decode())
    assert not AnswerUse.objects.exists()


@pytest.mark.parametrize("purpose", ["", "Recs", "recs/email", "x" * 61, "recs\0"])
def test_what_is_no_purpose_is_refused(api: Api, told: Customer, purpose: str) -> None:
    assert problem(api.get("/answers", purpose=purpose, id=ID)) == (422, "invalid")


def test_without_its_verb_or_its_purpose_a_key_reads_nothing(api: Api, crm: Partner, told: Customer) -> None:
    others = [verb for verb in ("decisions:read", "people:read", "export:read", "events:write", "prompts:show")]
    for key in (with_verbs(crm, *others), with_verbs(crm, "answers:read", purposes=("ads",))):
        response = key.get("/answers", purpose="recs", id=ID)
        assert problem(response) == (403, "not-in-scope")
        assert not names_the_size(response.content.decode())
    assert problem(api.client.get("/api/v1/answers", {"purpose": "recs", "id": ID})) == (401, "no-key")
    assert not AnswerUse.objects.exists()
    assert answers(with_verbs(crm, "answers:read", purposes=("recs",)))["allowed"]


def test_somebody_unknown_is_a_no_with_a_reason(api: Api, told: Customer) -> None:
    for query in ({"id": "nobody"}, {"id": None, "pairwise": "0" * 32}):
        found = api.get("/answers", purpose="recs", **{name: value for name, value in ({"id": ID} | query).items() if value}).json()
        assert found == {"allowed": False, "reason": "unknown_person", "purpose": "recs", "answers": []}


def test_a_use_that_was_taken_back_reads_nothing(api: Api, told: Customer) -> None:
    deny(told, "recs")
    assert answers(api) == {"allowed": False, "reason": "withdrawn", "purpose": "recs", "answers": []}
    assert not AnswerUse.objects.exists()
    assert Answer.objects.exists(), "the answer is the person's, and stays"


def test_for_another_use_that_is_allowed_nothing_is_read(api: Api, told: Customer) -> None:
    allow(told, "insight")
    found = answers(api, purpose="insight")
    assert (found["allowed"], found["answers"]) == (True, [])
    assert not AnswerUse.objects.exists()


def test_a_restricted_person_is_not_read(api: Api, told: Customer) -> None:
    Customer.objects.filter(pk=told.pk).update(restricted_seq=1)
    found = answers(api)
    assert (found["allowed"], found["reason"], found["answers"]) == (False, "restricted", [])


def test_only_what_is_asked_for_is_read_and_counted(api: Api, told: Customer) -> None:
    told_by(told, "rooms", {"some": ["kitchen", "living"]})
    assert [each["question"] for each in answers(api)["answers"]] == ["bed-size", "rooms"]
    assert [each["question"] for each in answers(api, question="rooms")["answers"]] == ["rooms"]
    assert [each["question"] for each in answers(api, question=["rooms", "bed-size", "no-such"])["answers"]] == ["bed-size", "rooms"]
    assert answers(api, question="no-such")["answers"] == []
    assert {use.answer.question.key: use.times for use in AnswerUse.objects.all()} == {"bed-size": 2, "rooms": 3}


def test_words_are_in_the_language_that_is_asked(api: Api, asking: Brand, told: Customer) -> None:
    (one,) = answers(api, language="pl")["answers"]
    assert one["title"] == "Do jakiego łóżka?"
    for unknown in ("de", "pt-BR"):
        (one,) = answers(api, language=unknown)["answers"]
        assert one["title"] == "Which bed are these for?"


def test_a_date_is_in_the_language_that_is_asked(api: Api, asking: Brand, willing: Customer) -> None:
    plain: dict[str, Any] = {"options": ()}
    publish_one(asking, "moved", kind="date", texts={"en": text(**plain), "pl": text("Kiedy?", **plain)})
    willing.brand.refresh_from_db()
    told_by(willing, "moved", {"day": "2026-05-14"})
    assert answers(api, language="en")["answers"][0]["words"] == "14 May 2026"
    assert answers(api, language="pl")["answers"][0]["words"] == "14 maja 2026"


def test_a_reading_is_counted_for_the_person_by_the_name_of_the_partner(api: Api, crm: Partner, told: Customer) -> None:
    for _again in range(3):
        answers(api)
    use = AnswerUse.objects.get()
    assert (use.reader, use.purpose, use.times, use.day) == (crm.name, "recs", 3, timezone.localdate())
    mine = KeyUse.objects.get(verb="answers:read")
    assert (mine.calls, mine.people) == (3, 3)
    other = partner_of(crm.brand, "till")
    answers(with_verbs(other, "answers:read"))
    assert set(AnswerUse.objects.values_list("reader", "times")) == {(crm.name, 3), (other.name, 1)}


def test_the_first_reading_brings_the_journey_on(api: Api, told: Customer) -> None:
    answers(api)
    answers(api)
    assert Happening.objects.filter(customer=told, event="answer.used").count() == 1


def test_a_head_reads_nobody(api: Api, told: Customer) -> None:
    """It is answered without content: nobody was read, and the person is told of no reading."""
    response = api.client.head("/api/v1/answers", {"purpose": "recs", "id": ID}, headers=api.headers())
    assert response.status_code == 200
    assert not response.content
    assert not AnswerUse.objects.exists()


def test_nothing_crosses_to_another_brand(api: Api, told: Customer, marta: Customer) -> None:
    theirs = with_verbs(partner_of(marta.brand, "crm"))
    pairwise = api.post("/people", {"id": ID, **ANNA}).json()["pairwise"]
    for query in ({"id": ID}, {"pairwise": pairwise}):
        assert problem(theirs.get("/answers", purpose="recs", **query)) == (422, "unknown-purpose")
        found = theirs.get("/answers", purpose="groups", **query).json()
        assert (found["allowed"], found["reason"], found["answers"]) == (False, "unknown_person", [])
    wrong_host = Api(Client(headers={"host": marta.brand.host}), api.key)
    assert problem(wrong_host.get("/answers", purpose="recs", id=ID)) == (401, "bad-key")
    assert not AnswerUse.objects.exists()


def test_what_is_over_or_retired_is_read_no_more(api: Api, told: Customer) -> None:
    with later(days=20):
        assert answers(api)["answers"]
    actions.retire_question(Question.objects.get(key="bed-size"), by=BY)
    assert answers(api)["answers"] == []


def test_a_reading_costs_no_more_with_many_answers(api: Api, asking: Brand, told: Customer) -> None:
    answers(api)
    with CaptureQueriesContext(connection) as few:
        answers(api)
    for number in range(15):
        publish_one(asking, f"q-{number}")
    told.brand.refresh_from_db()
    for number in range(15):
        told_by(told, f"q-{number}", {"one": "a"})
    answers(api)
    with CaptureQueriesContext(connection) as many:
        assert len(answers(api)["answers"]) == 16
    assert len(many) == len(few) <= 6


# ── What happened ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_is_noted_once_and_last(api: Api, willing: Customer) -> None:
    then = timezone.now() - timedelta(days=3)
    for moment in (then, then + timedelta(days=1), then - timedelta(days=1)):
        assert api.post("/events", EVENT | {"occurred_at": moment.isoformat()}).json() == {"noted": True}
    found = Happening.objects.get(customer=willing)
    assert (found.event, found.first_at, found.last_at) == ("order.placed", then - timedelta(days=1), then + timedelta(days=1))
    assert api.post("/events/", EVENT).json() == {"noted": True}
    assert KeyUse.objects.get(verb="events:write").calls == 4


def test_a_person_is_named_in_each_way(api: Api, willing: Customer) -> None:
    pairwise = api.post("/people", {"id": ID, **ANNA, "phone": "+48600100100"}).json()["pairwise"]
    for person in (ANNA, {"id": ID}, {"phone": "+48 600 100 100"}, {"pairwise": pairwise}):
        assert api.post("/events", EVENT | {"person": person}).json() == {"noted": True}, person
    assert Happening.objects.count() == 1


@pytest.mark.parametrize(
    "event", ["visit.first", "choice.made", "answer.used", "order.lost", "", "order", "ORDER.PLACED", "order.placed\0", "ą.ę"]
)
def test_what_the_brand_did_not_declare_or_the_center_sees_itself_is_unknown(api: Api, willing: Customer, event: str) -> None:
    response = api.post("/events", EVENT | {"event": event})
    assert problem(response) == (422, "unknown-event")
    assert not Happening.objects.exists()


def test_an_event_with_words_of_its_own_is_refused(api: Api, willing: Customer) -> None:
    """That it happened, and nothing about it."""
    wrong: list[dict[str, Any]] = [
        {"order": "7"},
        {"event": "x" * 61},
        {"event": None},
        {"event": 7},
        {"person": {}},
        {"person": {**ANNA, "id": ID}},
    ]
    for more in wrong:
        assert problem(api.post("/events", EVENT | more)) == (422, "invalid")
    assert not Happening.objects.exists()


@pytest.mark.parametrize(
    "moment", ["2099-01-01T00:00:00Z", "1989-01-01T00:00:00Z", "2026-01-05T10:00:00", "yesterday", "", "9999-12-31T23:59:59Z"]
)
def test_a_moment_that_cannot_be_is_refused(api: Api, willing: Customer, moment: str) -> None:
    assert problem(api.post("/events", EVENT | {"occurred_at": moment})) == (422, "invalid")
    assert not Happening.objects.exists()


def test_a_clock_that_is_a_minute_ahead_is_now(api: Api, willing: Customer) -> None:
    assert api.post("/events", EVENT | {"occurred_at": (timezone.now() + timedelta(minutes=1)).isoformat()}).json() == {"noted": True}
    assert Happening.objects.get().last_at <= timezone.now()


def test_the_same_call_twice_is_once(api: Api, willing: Customer) -> None:
    once = {"idempotency-key": "order-7"}
    first = api.post("/events", EVENT, **once)
    happened = Happening.objects.get().last_at
    assert api.post("/events", EVENT, **once).json() == first.json() == {"noted": True}
    assert Happening.objects.get().last_at == happened
    assert problem(api.post("/events", EVENT | {"event": "order.delivered"}, **once)) == (422, "key-reused")
    assert IdempotentAnswer.objects.get().subject == willing.subject


def test_what_failed_may_be_told_again(api: Api, asking: Brand) -> None:
    stranger = EVENT | {"person": {"id": "C-9"}}
    assert problem(api.post("/events", stranger, **{"idempotency-key": "a"})) == (404, "unknown-person")
    assert not IdempotentAnswer.objects.exists()
    api.post("/people", {"id": "C-9", "email": "ben@example.com"})
    assert api.post("/events", stranger, **{"idempotency-key": "a"}).json() == {"noted": True}


def test_nobody_begins_with_an_event(api: Api, asking: Brand) -> None:
    assert problem(api.post("/events", EVENT | {"person": {"email": "new@example.com"}})) == (404, "unknown-person")
    assert not Customer.objects.filter(contacts__canonical="new@example.com").exists()


def test_a_flood_of_the_same_event_is_one_row(api: Api, willing: Customer, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 100_000
    entries = Entry.objects.count()
    for number in range(200):
        assert api.post("/events", EVENT, **{"idempotency-key": f"a-{number}"}).status_code == 200
    assert Happening.objects.count() == 1
    assert Entry.objects.count() == entries


def test_of_a_minor_and_of_somebody_restricted_nothing_is_noted(api: Api, willing: Customer) -> None:
    for values in ({"minor_until": timezone.localdate() + timedelta(days=400)}, {"minor_until": None, "restricted_seq": 1}):
        Customer.objects.filter(pk=willing.pk).update(**values)
        response = api.post("/events", EVENT)
        assert (response.status_code, response.json()) == (200, {"noted": False})
    assert not Happening.objects.exists()


def test_an_event_asks_for_its_verb_and_a_key_of_the_brand(api: Api, crm: Partner, willing: Customer, marta: Customer) -> None:
    assert problem(with_verbs(crm, "answers:read", "prompts:show").post("/events", EVENT)) == (403, "not-in-scope")
    theirs = with_verbs(partner_of(marta.brand, "crm"))
    assert problem(theirs.post("/events", EVENT)) in {(422, "unknown-event"), (404, "unknown-person")}
    assert not Happening.objects.filter(event="order.placed").exists()


def test_the_address_still_tells_its_types_to_everybody(api: Api, asking: Brand) -> None:
    response = api.client.get("/api/v1/events")
    assert response.status_code == 200
    assert response.json()["types"]


# ── A question for a page of the brand ──────────────────────────────────────────────────────────────────────────────


def test_a_question_is_html_to_include_with_its_style(api: Api, asked: Customer) -> None:
    found = prompt(api)
    assert (found["question"], found["why"]) == ("bed-size", None)
    assert found["html"].startswith('<section class="pc-prompt" lang="en"')
    assert found["style"].endswith("/prompts/look.css")
    assert asked.brand.host in found["style"]
    assert Ask.objects.get().question.key == "bed-size"
    assert KeyUse.objects.get(verb="prompts:show").people == 1


def test_in_one_visit_it_is_put_once(api: Api, crm: Partner, asked: Customer) -> None:
    assert prompt(api)["html"] == prompt(api)["html"]
    assert Entry.objects.of(asked.subject).filter(kind="question.shown").count() == 1
    assert prompt(api, visit="another visit") == prompt(api, visit="another visit") | {"html": "", "question": None, "why": "week"}
    other = with_verbs(partner_of(crm.brand, "till"))
    assert prompt(other)["why"] == "week", "a visit is of the partner that names it"
    assert VISIT not in Ask.objects.get().session


def test_why_nothing_is_asked_is_one_of_the_words(api: Api, willing: Customer) -> None:
    words = {each.value for each in Why}
    assert prompt(api)["why"] == "nothing"
    actions.happen_at_brand(willing, "order.placed")
    assert prompt(api, paying=True)["why"] == "paying"
    actions.happen_at_brand(willing, "checkout.begun")
    assert prompt(api)["why"] == "paying"
    with later(minutes=70):
        deny(willing, "ads")
        assert prompt(api)["why"] == "after_no"
    Customer.objects.filter(pk=willing.pk).update(minor_until=timezone.localdate() + timedelta(days=400))
    assert prompt(api)["why"] == "minor"
    Customer.objects.filter(pk=willing.pk).update(minor_until=None, restricted_seq=1)
    assert prompt(api)["why"] == "restricted"
    assert {"nothing", "paying", "after_no", "minor", "restricted", "week", "visit"} == words
    assert not Ask.objects.exists()


def test_a_question_is_put_in_the_language_of_the_page(api: Api, asked: Customer) -> None:
    assert 'lang="pl"' in prompt(api, language="pl")["html"]
    assert 'lang="en"' in prompt(api, language="de")["html"], "a language that the brand does not speak is its own"
    Customer.objects.filter(pk=asked.pk).update(language="pl")
    assert 'lang="pl"' in prompt(api)["html"], "left out, it is the person's"


GOOD = [
    "",
    "http://shop.example.com",
    "https://shop.example.com:8443/a?b=c&d=%20#e",
    "https://sklep.example/żółw?q=ą",
    "HTTPS://SHOP.example/",
]


@pytest.mark.parametrize("back", GOOD)
def test_an_address_back_is_a_page(api: Api, asked: Customer, back: str) -> None:
    assert prompt(api, back=back)["question"] == "bed-size"


BAD = [
    "javascript:alert(1)", "data:text/html,x", "ftp://shop.example.com/", "//shop.example.com/", "/thanks", "shop.example.com", "https://",
    "https:///thanks", "https://anna:secret@shop.example.com/", "https://anna@shop.example.com/", "https://shop.example.com/\n",
    "http://a b\0",
    "https://shop.example.com/\u2028", "https://shop.example.com/" + "x" * 500, "https:shop.example.com", "https://shop.example.com/\ud800",
    "https://[", "https://[::1", "http://[v1]/", "https://a\u2100b/", "https://shop.example.com]/", 7, None, ["https://shop.example.com/"],
    "https://:443/",
]  # fmt: skip


@pytest.mark.parametrize("back", BAD)
def test_an_address_back_that_is_no_page_is_refused(api: Api, asked: Customer, back: Any) -> None:
    assert problem(api.post("/prompts", PROMPT | {"back": back})) == (422, "invalid")
    assert not Ask.objects.exists()


@pytest.mark.parametrize(
    "more", [{"visit": "short"}, {"visit": "x" * 201}, {"visit": None}, {"paying": "maybe"}, {"language": "polski"}, {"name": 1}]
)
def test_what_is_no_call_is_refused(api: Api, asked: Customer, more: dict[str, Any]) -> None:
    assert problem(api.post("/prompts", PROMPT | more)) == (422, "invalid")
    assert not Ask.objects.exists()


@pytest.mark.parametrize("visit", ["\0" * 8, "\ud800" * 8, "ż" * 200, " " * 8, "a|b|c|d|e", "\n" * 9])
def test_a_visit_may_be_called_anything_and_breaks_nothing(api: Api, asked: Customer, visit: str) -> None:
    response = api.post("/prompts", PROMPT | {"visit": visit})
    assert response.status_code in {200, 422}, response.content


def test_of_several_people_none_is_asked(api: Api, asking: Brand) -> None:
    for number in ("C-1", "C-2"):
        tie(brand=asking, value=number, email=f"{number}@example.com".lower(), phone="+48600100100", language="en", country="PL", by=BY)
    prove()
    assert problem(api.post("/prompts", PROMPT | {"person": {"phone": "+48600100100"}})) == (409, "conflict")
    assert api.post("/events", EVENT | {"person": {"phone": "+48600100100"}}).json() == {"noted": True}
    assert not Ask.objects.exists()


def test_nobody_unknown_is_asked_and_nobody_begins(api: Api, asking: Brand) -> None:
    before = Customer.objects.count()
    for person in ({"email": "new@example.com"}, {"id": "C-9"}, {"pairwise": "0" * 32}):
        assert problem(api.post("/prompts", PROMPT | {"person": person})) == (404, "unknown-person")
    assert Customer.objects.count() == before


def test_a_question_asks_for_its_verb_and_a_key_of_the_brand(api: Api, crm: Partner, asked: Customer, marta: Customer) -> None:
    assert problem(with_verbs(crm, "answers:read", "events:write").post("/prompts", PROMPT)) == (403, "not-in-scope")
    theirs = with_verbs(partner_of(marta.brand, "crm"))
    assert problem(theirs.post("/prompts", PROMPT)) == (404, "unknown-person")
    assert not Ask.objects.exists()


def test_whoever_may_show_a_question_learns_no_answer(api: Api, crm: Partner, told: Customer) -> None:
    only_showing = with_verbs(crm, "prompts:show")
    actions.happen_at_brand(told, "order.placed")
    response = only_showing.post("/prompts", PROMPT)
    assert not names_the_size(response.content.decode())
    assert problem(only_showing.get("/answers", purpose="recs", id=ID)) == (403, "not-in-scope")


def test_what_a_question_became_is_html_too_and_says_no_answer(api: Api, asked: Customer) -> None:
    prompt(api)
    ask = Ask.objects.get()
    assert actions.answer(asked, "bed-size", SIZE, HERE, version=1, ask=ask.pk).answer
    found = prompt(api)
    assert (found["question"], found["why"]) == ("bed-size", None)
    assert "pc-prompt--done" in found["html"]
    assert not names_the_size(found["html"])


def test_a_whole_way_from_an_event_to_a_use_that_the_person_sees(api: Api, crm: Partner, willing: Customer) -> None:
    api.post("/events", EVENT)
    found = prompt(api)["html"]
    action = re.search(r'action="https?://[^/]+(/[^"]+)"', found)
    assert action
    nobody = Client(headers={"host": crm.brand.host}, enforce_csrf_checks=True)
    response = nobody.post(action[1], {"back": BACK, "do": "save", "answer": "160x200"})
    assert (response.status_code, response["Location"]) == (303, BACK)
    assert answers(api)["answers"][0]["value"] == SIZE
    assert AnswerUse.objects.get().answer.customer == willing


# ── The description ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_description_lists_them(api: Api, linden: Brand) -> None:
    paths = api.client.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths["/api/v1/events"]) == {"get", "post"}
    assert set(paths["/api/v1/answers"]) == {"get"}
    assert set(paths["/api/v1/prompts"]) == {"post"}
    for path, method in (("answers", "get"), ("events", "post"), ("prompts", "post")):
        operation = paths[f"/api/v1/{path}"][method]
        assert operation["summary"]
        assert operation["security"]
        assert {"200", "401", "403", "404", "422", "429"} <= set(operation["responses"])
    assert "/api/v1/answers/" not in paths
    assert "/api/v1/events/" not in paths
    asked = {each["name"]: each["required"] for each in paths["/api/v1/answers"]["get"]["parameters"]}
    assert asked == {"purpose": True, "id": False, "pairwise": False, "question": False, "language": False}


def test_another_method_says_which_there_are(api: Api, asking: Brand) -> None:
    for path, methods in (("/answers", {"GET"}), ("/events", {"GET", "POST"}), ("/prompts", {"POST"})):
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - methods:
            answer = api.client.generic(method, f"/api/v1{path}", headers=api.headers())
            assert problem(answer) == (405, "not-allowed")
            assert set(answer["Allow"].split(", ")) == methods


def test_too_many_calls_are_refused(api: Api, told: Customer, settings: Any) -> None:
    assert django_settings.API_CALLS_PER_MINUTE > 0
    settings.API_CALLS_PER_MINUTE = 2
    statuses = [api.get("/answers", purpose="recs", id=ID).status_code for _again in range(4)]
    assert statuses[-1] == 429
    assert sum(use.times for use in AnswerUse.objects.all()) == statuses.count(200)

"""/changes/<date>/: the same text for everybody, a decision for whom it concerns, and nothing new without a yes on or after the day."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import publish_policy, revise_policy
from catalogue.models import PolicyVersion
from catalogue.policy_content import ChangeContent, PolicyContent
from consents.decide import decide
from consents.models import Choice
from consents.states import Reason
from consents.tests.forms_of import SignedIn, browser_at
from consents.tests.reading import Page
from ledger.models import Entry
from notifications.models import Campaign, ChangeSeen
from notifications.policy_changes import day_of
from notifications.tests.conftest import BY, publish

QUERIES = 12


@pytest.fixture
def path(told: Campaign) -> str:
    return f"/changes/{day_of(told.version).isoformat()}/"


def read(client: Client, path: str, language: str = "en") -> str:
    answer = client.get(path, headers={"accept-language": language})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def said(html: str) -> str:
    """The words of the page as they are read, in one line."""
    main = html[html.index("<main") : html.index("</main")]
    text = re.sub(r"<[^>]+>", " ", main)
    for entity, sign in (("&#x27;", "'"), ("&amp;", "&"), ("\N{NO-BREAK SPACE}", " ")):
        text = text.replace(entity, sign)
    return " ".join(text.split()).replace(" .", ".")


def lede(html: str) -> str:
    found = re.search(r'class="lede">([^<]+)<', html)
    assert found
    return found[1]


def tags(html: str) -> list[str]:
    return re.findall(r'class="tag[^"]*">([^<]+)<', html)


@contextmanager
def on(version: PolicyVersion, **later: int) -> Iterator[datetime]:
    """The day from which it applies, a minute in, or so much later."""
    assert version.in_force_from
    with time_machine.travel(version.in_force_from + timedelta(minutes=1) + timedelta(**later), tick=False):
        yield timezone.now()


def press(client: Client, html: str, decision: str, action: str = "/choices/room-photos/") -> Any:
    form = next(each for each in Page(html).forms if each.action == action)
    return client.post(action, form.post(decision))


def another(brand: Brand, *changes: ChangeContent) -> str:
    """The address of one more version: its summary and its changes are new, no clause is."""
    policy = brand.policies.get(key="privacy")
    newest = policy.newest
    assert newest
    texts = {language: replace(words, summary=f"{words.summary} 3.") for language, words in PolicyContent.of(newest).texts.items()}
    version = revise_policy(policy, content=PolicyContent(texts, changes=changes))
    publish_policy(version, by=BY, in_force_from=timezone.now() + settings.POLICY_NOTICE + timedelta(days=9))
    brand.refresh_from_db()
    version.refresh_from_db()
    return f"/changes/{day_of(version).isoformat()}/"


def a_change(**fields: Any) -> ChangeContent:
    words = {"titles": {"en": "A test", "pl": "Próba"}, "for_you": {"en": "It is so for you.", "pl": "Tak jest dla Ciebie."}}
    return ChangeContent(**{"key": "a-test", "kind": "purpose", "materiality": "material"} | words | fields)


# ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_decisions_come_first_then_favours_then_information_and_what_is_reworded_last(anna: Customer, path: str) -> None:
    html = read(browser_at(anna.brand), path)
    assert tags(html) == ["Your decision", "In your favour", "For your information"]
    told, smaller = html.split('id="smaller"')
    titles = ["Photos of your room to try fabrics on", "We delete server records and safety copies sooner", "A new parcel company"]
    assert Page(told).texts["h2"][:3] == titles
    assert "You can sign in with a passkey" in smaller
    assert "Your decision" not in smaller


def test_before_and_after_show_what_differs_and_leave_out_what_stays(anna: Customer, path: str) -> None:
    text = said(read(browser_at(anna.brand), path))
    assert "Not in the policy." in text
    assert "(new: If you allow it, we use a photo you upload" in text
    assert re.search(r"We delete these notes after \(goes: \d+ \) days", text)
    assert "Stopping fraud" not in text, "a row of the table that stays as it was"
    assert " | " not in text


def test_somebody_not_signed_in_reads_the_same_and_finds_the_way_in(anna: Customer, path: str, signed_in: SignedIn) -> None:
    stranger, hers = read(browser_at(anna.brand), path), read(signed_in(anna), path)
    day = date.fromisoformat(path.split("/")[2])
    assert lede(stranger) == "Until then, everything stays as it is. One change waits for your decision; two need nothing from you."
    assert lede(hers) == f"You get this page because you are a customer. {lede(stranger)}"
    for words in ("For you: New, and off unless you turn it on.", f"From {day.day} ", "Compare", "See what you can ask for"):
        assert words in said(stranger)
        assert words in said(hers)
    assert f'href="/sign-in/?next={path}"' in stranger
    assert "Sign in to decide" not in hers
    assert not [form for form in Page(stranger).forms if form.action.startswith("/choices/")]


def test_it_reads_in_polish(anna: Customer, path: str) -> None:
    html = read(browser_at(anna.brand), path, "pl")
    assert "Zdjęcia Twojego pokoju" in html
    assert re.search(r"Jeśli wyrazisz zgodę", html)


def test_a_change_that_touches_no_clause_has_no_before_and_after(anna: Customer, told: Campaign) -> None:
    html = read(browser_at(anna.brand), another(anna.brand, a_change()))
    assert 'class="diff"' not in html
    assert "Struck through" not in html
    assert "For you: It is so for you." in said(html)
    assert "Smaller changes" not in html
    assert lede(html).endswith("Nothing for you to decide.")


def test_a_version_that_only_says_things_otherwise_asks_for_nothing(anna: Customer, told: Campaign, signed_in: SignedIn) -> None:
    html = read(signed_in(anna), another(anna.brand, a_change(kind="wording", materiality="editorial")))
    assert lede(html).endswith("Nothing for you to decide.")
    assert tags(html) == []
    assert "Smaller changes to the text" in html
    assert "It does not concern you" not in html


# ── Whom it concerns ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_for_another_country_asks_nothing_of_her(anna: Customer, told: Campaign, signed_in: SignedIn) -> None:
    asks = a_change(materiality="needs_consent", purposes=("news",), countries=("DE",))
    html = read(signed_in(anna), another(anna.brand, asks))
    assert tags(html) == ["For your information"]
    assert "For you: It does not concern you. You need do nothing." in said(html)
    assert lede(html).endswith("Nothing for you to decide.")
    assert not [form for form in Page(html).forms if form.action.startswith("/choices/")]


def test_a_change_for_children_does_not_concern_an_adult(anna: Customer, told: Campaign, signed_in: SignedIn) -> None:
    path = another(anna.brand, a_change(kind="recipient", purposes=("delivery",), audience="minors"))
    assert "It does not concern you." in said(read(signed_in(anna), path))
    assert "It is so for you." in said(read(browser_at(anna.brand), path))


def test_a_use_with_channels_has_two_buttons_for_each(anna: Customer, told: Campaign, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    path = another(anna.brand, a_change(materiality="needs_consent", purposes=("news",)))
    html = read(client, path)
    actions = [form.action for form in Page(html).forms if form.action.startswith("/choices/")]
    assert actions == ["/choices/news/email/", "/choices/news/sms/", "/choices/news/post/"]
    press(client, html, "deny", "/choices/news/email/")
    half = read(client, path)
    assert tags(half) == ["Your decision"], "two channels are open still"
    for channel in ("sms", "post"):
        press(client, read(client, path), "allow", f"/choices/news/{channel}/")
    assert tags(read(client, path)) == ["Decided"]


# ── Deciding ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_decision_comes_back_to_the_page_and_says_where_it_was_made(
    anna: Customer, path: str, signed_in: SignedIn, decision: str
) -> None:
    client = signed_in(anna)
    answer = press(client, read(client, path), decision)
    assert (answer.status_code, answer["Location"]) == (303, f"{path}#room-photos")
    entry = Entry.objects.of(anna.subject).filter(kind="choice.decided").latest("seq")
    assert entry.act["where"] == "change"
    html = read(client, path)
    assert tags(html)[0] == "Decided"
    assert lede(html).endswith("You have decided; nothing else waits for you.")
    form = next(each for each in Page(html).forms if each.action == "/choices/room-photos/")
    assert {button.value: button.pressed for button in form.buttons} == {
        "allow": "true" if decision == "allow" else "false",
        "deny": "true" if decision == "deny" else "false",
    }
    assert "room-photos" in Page(html).ids


def test_a_form_that_names_another_site_to_go_back_to_does_not_lead_there(anna: Customer, path: str, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    form = next(each for each in Page(read(client, path)).forms if each.action == "/choices/room-photos/")
    answer = client.post(form.action, form.post("deny") | {"next": "https://elsewhere.example/"})
    assert answer["Location"] == "/choices/#room-photos"


def test_a_yes_ahead_of_the_day_allows_nothing_before_it(anna: Customer, path: str, told: Campaign, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    press(client, read(client, path), "allow")
    assert not decide(anna, "room-photos").allowed
    with on(told.version):
        assert decide(anna, "room-photos").reason is Reason.GRANTED


def test_without_a_yes_nothing_new_happens_on_the_day_either(anna: Customer, path: str, told: Campaign, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    read(client, path)
    for days in (0, 400):
        with on(told.version, days=days):
            assert not decide(anna, "room-photos").allowed
    press(client, read(client, path), "deny")
    with on(told.version):
        assert decide(anna, "room-photos").reason is Reason.REFUSED


# ── After the day ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_late_reader_can_still_decide_and_change_it(anna: Customer, path: str, told: Campaign, signed_in: SignedIn) -> None:
    with on(told.version, days=3):
        client = signed_in(anna)
        html = read(client, path)
        day = date.fromisoformat(path.split("/")[2])
        assert Page(html).texts["h1"] == [f"What changed on {day.day} {day:%B}"]
        since = f"This has applied since {day.day} {day:%B} {day.year}"
        assert lede(html) == (
            f"You get this page because you are a customer. {since}; what needs your yes is still off."
            " One change waits for your decision; two need nothing from you."
        )
        press(client, html, "allow")
        assert decide(anna, "room-photos").allowed
        html = read(client, path)
        assert lede(html).endswith(f"{since}; you can still change your answer.")
        stranger = read(browser_at(anna.brand), path)
        assert lede(stranger) == f"{since}. One change waits for your decision; two need nothing from you."
        press(client, html, "deny")
        assert not decide(anna, "room-photos").allowed


def test_where_nothing_is_to_decide_a_late_reader_is_promised_nothing(anna: Customer, told: Campaign, signed_in: SignedIn) -> None:
    path = another(anna.brand, a_change())
    newest = anna.brand.policies.get(key="privacy").newest
    assert newest
    with on(newest):
        html = read(signed_in(anna), path)
    assert re.search(r"This has applied since [^;]+\. Nothing for you to decide\.$", lede(html))


def test_what_a_later_version_has_replaced_says_so(anna: Customer, path: str, told: Campaign) -> None:
    later = another(anna.brand, a_change())
    newest = anna.brand.policies.get(key="privacy").newest
    assert newest
    assert "A later version has taken its place" not in read(browser_at(anna.brand), path)
    with on(newest):
        assert "A later version has taken its place" in read(browser_at(anna.brand), path)
        assert "A later version has taken its place" not in read(browser_at(anna.brand), later)


# ── Seen ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_that_she_has_it_before_her_is_noted_once_and_nothing_else_changes(anna: Customer, path: str, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    before = list(Entry.objects.of(anna.subject).values_list("kind", flat=True))
    client.head(path)
    assert not ChangeSeen.objects.exists(), "HEAD shows nobody anything"
    for _ in range(3):
        read(client, path)
    kinds = list(Entry.objects.of(anna.subject).order_by("seq").values_list("kind", flat=True))
    assert kinds[len(before) :] == ["change.seen"]
    assert ChangeSeen.objects.get().customer_id == anna.pk
    assert not Choice.objects.filter(customer=anna).exists()
    assert not decide(anna, "room-photos").allowed


def test_of_somebody_not_signed_in_nothing_is_noted(anna: Customer, path: str) -> None:
    before = Entry.objects.count()
    read(browser_at(anna.brand), path)
    assert (Entry.objects.count(), ChangeSeen.objects.count()) == (before, 0)


def test_only_reading_is_possible(anna: Customer, path: str, signed_in: SignedIn) -> None:
    assert signed_in(anna).post(path, {"decision": "allow"}).status_code == 405


# ── Days that are none ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "0000-00-00", "1999-01-01", "9999-12-31", "tomorrow", "2026-1-1", "20261230"])
def test_a_day_on_which_nothing_changes_is_not_there(anna: Customer, told: Campaign, day: str) -> None:
    assert browser_at(anna.brand).get(f"/changes/{day}/").status_code == 404


def test_the_day_of_the_first_version_changed_nothing(anna: Customer, told: Campaign) -> None:
    first = anna.brand.policies.get(key="privacy").versions.get(number=1)
    assert browser_at(anna.brand).get(f"/changes/{day_of(first).isoformat()}/").status_code == 404


def test_the_day_of_another_brand_is_not_there(anna: Customer, told: Campaign, kingfisher: Brand) -> None:
    own = another(anna.brand, a_change())
    publish(kingfisher, "club")
    assert browser_at(anna.brand).get(own).status_code == 200
    assert browser_at(kingfisher).get(own).status_code == 404


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────────


def queries(client: Client, path: str, count: Any) -> int:
    read(client, path)  # what is read once a process, and noted once a person
    with count() as found:
        read(client, path)
    return len(found)


@pytest.fixture
def counting() -> Any:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


def test_it_takes_as_many_queries_however_much_changes(anna: Customer, path: str, signed_in: SignedIn, counting: Any, capsys: Any) -> None:
    client = signed_in(anna)
    many = another(
        anna.brand,
        *(a_change(key=f"a-test-{number}", purposes=("delivery",)) for number in range(9)),
        a_change(materiality="needs_consent", purposes=("news", "recs", "ads", "makers", "insight")),
    )
    one, ten, stranger = (queries(who, where, counting) for who, where in ((client, path), (client, many), (browser_at(anna.brand), path)))
    with capsys.disabled():
        sys.stdout.write(f"\nqueries: {one} signed in, {ten} with ten changes, {stranger} signed out\n")
    assert one == ten
    assert max(one, stranger) <= QUERIES

"""The desk: who may come in, what each role sees there, and what nobody does."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from django.utils.functional import Promise
from PIL import Image

from accounts import factors
from accounts.actions import join
from accounts.actions.colleagues import appoint
from accounts.models import Contact, Customer, Person, Role
from accounts.tests.conftest import Browser, a_brand
from brands.models import Brand, Logo, Theme, Wording
from catalogue.actions import draft_purpose, revise
from catalogue.content import Content
from catalogue.models import Purpose, PurposeVersion
from jobs import handlers
from jobs.actions import TRIES, enqueue, run
from jobs.handlers import Work, handler
from jobs.models import Job
from ledger.models import Entry, Seal
from preference_center.demo.cast import CAST, member
from preference_center.demo.partners import CONFIRMS
from preference_center.desk import roles
from preference_center.desk.jobs import CALLED, in_words
from preference_center.desk.site import desk
from preference_center.tests.cast import play_the_story

BREAKS = "tests.breaks"  # the handler of a job that fails
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DESK = "/desk/"
ENTRIES, SEALS, FOLLOWERS = "/desk/ledger/entry/", "/desk/ledger/seal/", "/desk/ledger/cursor/"
CAMPAIGNS = "/desk/notifications/campaign/"
REQUESTS, SYSTEMS = "/desk/requests/request/", "/desk/requests/system/"
HELD, RETENTION = "/desk/requests/held/", "/desk/requests/retentionreport/"
OPENID = "/desk/accounts/openidprovider/"
LAW = "/desk/regimes/confirmation/"
RECEIVED = "/desk/consents/received/"
PASSED_ON = "/desk/consents/passing/"
GUARDIANS, DISPUTES = "/desk/guardians/guardianclaim/", "/desk/guardians/dispute/"
JOBS, VERSIONS, PURPOSES = "/desk/jobs/job/", "/desk/catalogue/purposeversion/", "/desk/catalogue/purpose/"
BRAND, THEME, WORDING, LOGO = "/desk/brands/brand/", "/desk/brands/theme/", "/desk/brands/wording/", "/desk/brands/logo/"

AtDesk = Callable[..., Browser]


def written() -> int:
    """Entries but for those of pages of the desk that somebody opened."""
    return Entry.objects.exclude(kind="desk.viewed").count()


@pytest.fixture(autouse=True)
def mailbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"


def number(secret: str) -> str:
    """What the app shows now, and will go on showing for some seconds."""
    while time.time() % 30 > 25:
        time.sleep(0.5)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def employ(brand: Brand, email: str, *groups: str) -> Person:
    """Without a role of ours they have one that allows nothing: they come in, and that is all."""
    if not groups:
        Group.objects.get_or_create(name="of no use")
    return appoint(brand, email, groups or ["of no use"], by="system:tests")


@pytest.fixture
def at_desk(linden: Brand, settings: Any) -> AtDesk:
    """`at_desk("officer", "editor")`: a browser in which somebody with these roles has signed in with code and authenticator."""

    return lambda *groups: seat(linden, settings.MAIL_DIR, *groups)


def seat(brand: Brand, mails: Path, *groups: str) -> Browser:
    """The browser of somebody with these roles who has signed in at the desk of that brand."""
    person = employ(brand, f"{'-'.join(groups) or 'nobody'}@{brand.key}.example", *groups)
    factors.add_authenticator(person=person, customer=None, brand=brand, secret=SECRET)
    browser = Browser(brand, mails)
    browser.sign_in(person.email)
    assert browser.post("/account/second-factor/", {"token": number(SECRET), "next": DESK})["Location"] == DESK
    return browser


def told(browser: Client, response: Any) -> str:
    """The messages of the page that follows."""
    page = browser.get(response["Location"]).content.decode() if response.status_code in (302, 303) else response.content.decode()
    return unescape(" ".join(re.findall(r"<li[^>]*>(.*?)</li>", page.partition('class="messagelist"')[2].partition("</ul>")[0], re.S)))


def errors(response: Any) -> str:
    assert response.status_code == 200
    return unescape(" ".join(re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.S)))


def press(browser: Client, url: str, action: str, *rows: Any, **more: Any) -> Any:
    return browser.post(url, {"action": action, "_selected_action": [row.pk for row in rows], **more})


def form_of(browser: Client, url: str) -> dict[str, Any]:
    """What a browser would send if nobody touched anything."""
    return filled(browser.get(url).context["adminform"].form)


def filled(form: Any) -> dict[str, Any]:
    """A box that is not ticked sends nothing."""
    return {bound.html_name: bound.value() for bound in form if bound.value() is not None and bound.value() is not False}


# ── Who may come in ─────────────────────────────────────────────────────────────────────────────────────────────────


def every_path() -> list[str]:
    lists = [f"{DESK}{model._meta.app_label}/{model._meta.model_name}/" for model in desk._registry]
    return [DESK, f"{DESK}jsi18n/", f"{DESK}ledger/", *lists, *(f"{path}add/" for path in lists), *(f"{path}1/change/" for path in lists)]


def test_strangers_go_to_the_sign_in_it_leads_back(linden: Brand, settings: Any) -> None:
    browser = Browser(linden, settings.MAIL_DIR)
    for path in every_path():
        assert browser.get(path, follow=True).redirect_chain[-1][0] == f"/sign-in/?next={path}"
    employ(linden, "ola@linden.example", "officer")
    browser.ask("ola@linden.example", next=ENTRIES)
    response = browser.post("/sign-in/code/", {"code": browser.newest_code("ola@"), "next": ENTRIES}, follow=True)
    assert response.redirect_chain[-1][0] == f"/account/authenticator/?next={ENTRIES}"


def test_staff_without_a_second_factor_enrol_first_it_shows_them_nothing(linden: Brand, settings: Any) -> None:
    employ(linden, "ola@linden.example", "officer", "editor")
    browser = Browser(linden, settings.MAIL_DIR)
    browser.sign_in("ola@linden.example")
    for path in every_path():
        response = browser.get(path, follow=True)
        assert response.redirect_chain[-1][0] == f"/account/authenticator/?next={path}"
    page = browser.get(f"/account/authenticator/?next={DESK}").content.decode()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    secret = found[1].replace(" ", "")
    done = browser.post("/account/authenticator/", {"code": number(secret), "next": DESK})
    assert f'href="{DESK}"' in done.content.decode()
    assert browser.get(DESK).status_code == 200


def test_staff_with_an_authenticator_show_it_first_it_leads_on_to_where_they_were_going(at_desk: AtDesk) -> None:
    browser = at_desk("officer")
    browser.post("/sign-out/")
    browser.sign_in("officer@linden.example")
    response = browser.get(ENTRIES, follow=True)
    assert response.redirect_chain[-1][0] == f"/account/second-factor/?next={ENTRIES}"
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert browser.post("/account/second-factor/", {"token": number(SECRET), "next": ENTRIES})["Location"] == ENTRIES
        assert browser.get(ENTRIES).status_code == 200
        assert browser.get(f"/desk/login/?next={ENTRIES}")["Location"] == ENTRIES
        assert browser.get("/desk/login/?next=https://evil.example/")["Location"] == DESK


def test_customers_go_to_their_overview_it_says_nothing_of_a_desk(linden: Brand, settings: Any) -> None:
    browser = Browser(linden, settings.MAIL_DIR)
    browser.sign_in("anna@example.com")
    for path in every_path():
        assert browser.get(path, follow=True).redirect_chain[-1][0] == "/"
        assert browser.post(path).status_code == 302


def test_a_session_of_another_brand_opens_nothing_it_counts_as_none(at_desk: AtDesk) -> None:
    browser = at_desk("officer", "editor")
    other = a_brand("wren")
    response = browser.get(DESK, headers={"host": other.host}, follow=True)
    assert response.redirect_chain[-1][0] == f"/sign-in/?next={DESK}"


def test_whoever_stops_being_staff_is_out_at_once_it_asks_every_time(at_desk: AtDesk) -> None:
    browser = at_desk("officer")
    assert browser.get(ENTRIES).status_code == 200
    Role.objects.filter(person__email="officer@linden.example").delete()
    assert browser.get(ENTRIES)["Location"] == f"/desk/login/?next={ENTRIES}"
    assert browser.get("/desk/login/")["Location"] == "/"


def test_signing_out_is_a_post_it_ends_the_session(at_desk: AtDesk) -> None:
    browser = at_desk("officer")
    assert browser.get("/desk/logout/").status_code == 405
    assert browser.get(DESK).status_code == 200
    assert browser.post("/desk/logout/")["Location"] == "/sign-in/"
    assert browser.get(DESK).status_code == 302


def test_what_has_no_business_here_is_not_there_it_answers_404(at_desk: AtDesk) -> None:
    browser = at_desk("officer", "editor")
    for path in ("password_change/", "password_change/done/", "autocomplete/", "r/1/1/", "accounts/customer/", "auth/group/"):
        assert browser.get(f"{DESK}{path}").status_code == 404, path


# ── Roles ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def seen_by(browser: Browser) -> set[str]:
    return {unescape(path) for path in re.findall(r'href="(/desk/\w+/\w+/)"', browser.get(DESK).content.decode())}


def test_each_role_sees_its_own_and_no_more_it_is_the_least_they_need(at_desk: AtDesk) -> None:
    names = ("purpose", "purposeversion", "policy", "policyversion", "datacategory", "source", "recipient", "safeguard")
    catalogue = {f"/desk/catalogue/{name}/" for name in names}
    asked = {f"/desk/profiles/{name}/" for name in ("question", "questionversion", "stage", "moment")}
    brand, ledger = {BRAND, THEME, WORDING, LOGO}, {ENTRIES, SEALS, FOLLOWERS}
    watched = ledger | {JOBS, LAW, RECEIVED, CAMPAIGNS, REQUESTS, SYSTEMS, HELD, RETENTION, OPENID}
    partners = {f"/desk/propagation/{name}/" for name in ("partner", "apikey", "endpoint", "delivery", "comparison", "import")}
    watched |= partners | {PASSED_ON, GUARDIANS, DISPUTES}
    assert seen_by(at_desk("agent")) == catalogue | asked | {REQUESTS, SYSTEMS, HELD, PASSED_ON, GUARDIANS, DISPUTES}
    assert seen_by(at_desk("editor")) == catalogue | asked | brand
    assert seen_by(at_desk("officer")) == catalogue | asked | brand | watched
    assert seen_by(at_desk("auditor")) == catalogue | asked | brand | watched
    assert seen_by(at_desk()) == set()


def test_what_a_role_does_not_see_it_is_not_served(at_desk: AtDesk) -> None:
    agent = at_desk("agent")
    for path in (ENTRIES, SEALS, FOLLOWERS, JOBS, LAW, RECEIVED, CAMPAIGNS, BRAND, THEME, WORDING, LOGO):
        assert agent.get(path).status_code == 403


def test_agents_and_auditors_change_nothing_it_refuses_every_form(at_desk: AtDesk, linden: Brand) -> None:
    draft = revise(Purpose.objects.get(brand=linden, key="news"))
    for role in ("agent", "auditor"):
        browser = at_desk(role)
        before = Entry.objects.count()
        for path in (
            f"{PURPOSES}add/",
            f"{VERSIONS}{draft.pk}/change/",
            f"{VERSIONS}{draft.pk}/delete/",
            f"{THEME}{linden.theme.pk}/change/",
        ):
            assert browser.post(path, {"post": "yes"}).status_code == 403
        for action in ("publish", "delete_selected"):
            press(browser, VERSIONS, action, draft)
        for action in ("revise", "retire", "delete_selected"):
            press(browser, PURPOSES, action, draft.purpose)
        assert Entry.objects.count() == before
    draft.refresh_from_db()
    assert draft.number is None
    assert not Purpose.objects.exclude(retired_at=None).exists()


def test_the_roles_are_what_the_table_says_it_repairs_them(db: None) -> None:
    agent, other = Group.objects.get(name="agent"), Group.objects.create(name="my own")
    publish = Permission.objects.get(codename="publish_purpose")
    agent.permissions.add(publish)
    other.permissions.add(publish)
    Group.objects.get(name="officer").permissions.remove(publish)
    for label in ("catalogue", "accounts"):
        roles.after_migrate(apps.get_app_config(label), "default", apps)
    assert publish not in agent.permissions.all()
    assert publish in Group.objects.get(name="officer").permissions.all()
    assert publish in other.permissions.all()
    for role, grants in roles.ROLES.items():
        expected = {(app, codename) for app, codenames in grants.items() for codename in codenames}
        assert set(Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")) == expected


def test_nobody_may_add_change_or_delete_in_the_ledger_it_has_no_such_right() -> None:
    granted = {codename for grants in roles.ROLES.values() for codename in grants.get("ledger", ())}
    assert granted == {"view_entry", "view_seal", "view_cursor"}
    assert {app for grants in roles.ROLES.values() for app in grants} == {
        "accounts", "catalogue", "brands", "consents", "guardians", "ledger", "jobs", "notifications", "profiles", "propagation",
        "regimes", "requests",
    }  # fmt: skip


def test_roles_wait_for_their_tables_it_does_nothing_before(db: None) -> None:
    class Nothing:
        def get_model(self, *names: str) -> None:
            raise LookupError

    Group.objects.all().delete()
    roles.after_migrate(apps.get_app_config("jobs"), "default", Nothing())
    assert not Group.objects.exists()


# ── The ledger, and what nobody sees ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def played(the_law: None, settings: Any) -> Any:
    """The demo: customers with names, addresses, decisions, authenticators; jobs that failed with something of theirs."""
    settings.DEMO = True
    play_the_story()
    enqueue(BREAKS, {"address": "anna.kowalczyk@example.com"}, total=5)
    return settings


@handler(BREAKS)
def breaks(work: Work) -> None:
    raise ValueError("anna.kowalczyk@example.com")


def signed_in_as(key: str, brand: Brand, settings: Any) -> Browser:
    who = member(key)
    browser = Browser(brand, settings.MAIL_DIR)
    browser.sign_in(who.email)
    browser.post("/account/second-factor/", {"token": number(who.secret)})
    return browser


def crawl(browser: Browser) -> dict[str, bytes]:
    """Every page of the desk that a link leads to, and every list filtered once: filters of filters show the same rows."""
    pages: dict[str, bytes] = {}
    waiting = [DESK]
    while waiting:
        path = waiting.pop()
        response = browser.get(path)
        assert response.status_code == 200, (path, response.status_code)
        pages[path] = response.getvalue()  # a file that is streamed, too
        here, _mark, filtered = path.partition("?")
        for link in re.findall(r'href="([^"#]*)"', pages[path].decode()):
            target = unescape(here + link if link.startswith("?") else link)
            target, _mark, query = target.partition("?")
            if query and not filtered and target == here and query.partition("=")[0] not in ("_facets", "o"):
                target = f"{target}?{query}"
            if target.startswith(DESK) and target not in pages and target not in waiting:
                waiting.append(target)
        assert len(pages) < 500
    return pages


_crawled: dict[str, bytes] = {}


def pages_after_the_story(settings: Any) -> dict[str, bytes]:
    """As Ola sees them, kept for whatever only reads them: there are hundreds."""
    if not _crawled:
        _crawled.update(crawl(signed_in_as("ola", Brand.objects.get(key="linden"), settings)))
    return dict(_crawled)


def test_no_page_holds_a_payload_an_address_or_a_name_in_the_ledger_it_was_crawled(played: Any) -> None:
    linden = Brand.objects.get(key="linden")
    job = Job.objects.get(handler=BREAKS)
    assert not run(job.pk)
    ola = signed_in_as("ola", linden, played)
    before = written()
    pages = crawl(ola)
    _crawled.update(pages)
    assert written() == before  # looking changes nothing
    assert len(pages) > 60
    assert {ENTRIES, SEALS, FOLLOWERS, JOBS, THEME, VERSIONS} <= pages.keys()
    # The list of what came from others names customers by their public code, and by nothing else.
    codes = {customer.code.encode() for customer in Customer.objects.all()}
    for code in codes:
        pages[RECEIVED] = pages[RECEIVED].replace(code, b"")
    everything = b"\n".join(pages.values())
    secrets: set[str] = set()
    for entry in Entry.objects.all():
        secrets |= {
            entry.subject,
            entry.payload or "-",
            bytes(entry.salt or b"-").hex(),
            entry.actor,
            str(entry.public_id),
            entry.commitment,
        }
    for customer in Customer.objects.all():
        secrets |= {customer.subject, customer.code, customer.name or "-----"}
    secrets |= {each.email for each in CAST if not each.staff} | set(Contact.objects.values_list("address", flat=True))
    secrets |= set(Person.objects.values_list("reference", flat=True))
    assert len(secrets) > 100
    leaks = {secret for secret in secrets if secret.encode() in everything or secret.replace('"', "&quot;").encode() in everything}
    assert leaks == set()


def test_entries_are_a_list_of_what_happened_it_shows_six_columns(played: Any) -> None:
    linden = Brand.objects.get(key="linden")
    ola = signed_in_as("ola", linden, played)
    page = ola.get(ENTRIES)
    columns = re.findall(r'<div class="text"><span>(.*?)</span>', page.content.decode())
    assert columns == ["Position", "Kind", "Brand", "Recorded", "Receipt number", "Key of the seal"]
    newest = Seal.objects.order_by("-position").first()
    assert newest
    text = page.content.decode()
    assert newest.key[:12] in text
    decided = Entry.objects.filter(kind="choice.decided", brand="linden").first()
    assert decided
    assert decided.number in text
    assert "kingfisher" not in text
    of_kind = ola.get(f"{ENTRIES}?kind=choice.decided").content.decode()
    assert of_kind.count('class="field-kind_"') == Entry.objects.filter(kind="choice.decided", brand="linden").count()


def test_no_search_reaches_past_the_columns_it_is_refused_or_ignored(played: Any) -> None:
    """An unknown word leads back to the whole list; a field of the row that the list does not filter by is refused."""
    ola = signed_in_as("ola", Brand.objects.get(key="linden"), played)
    ola.get(ENTRIES)  # the look is an entry of its own
    whole = ola.get(ENTRIES).content.decode().count('class="field-kind_"')
    assert whole
    for query in ("q=anna", "o=1", "e=1"):
        assert ola.get(f"{ENTRIES}?{query}", follow=True).content.decode().count('class="field-kind_"') == whole, query
    for query in ("subject=0", "subject__startswith=0", "actor__contains=self", "payload__contains=news", "idempotency_key__isnull=1"):
        assert ola.get(f"{ENTRIES}?{query}").status_code == 400, query


def test_there_is_no_page_of_one_entry_it_cannot_be_opened_or_written(played: Any) -> None:
    ola = signed_in_as("ola", Brand.objects.get(key="linden"), played)
    rows = (ENTRIES, Entry.objects.filter(brand="linden").first()), (SEALS, Seal.objects.first()), (JOBS, Job.objects.open().first())
    for path, row in rows:
        assert row
        for below in (f"{row.pk}/change/", f"{row.pk}/delete/", "add/"):
            for asked in (ola.get, ola.post):
                assert asked(f"{path}{below}").status_code == 403, below
        assert press(ola, path, "delete_selected", row).status_code in (200, 302)
        row.refresh_from_db()


def test_followers_show_how_far_they_are_behind_it_counts_entries(played: Any) -> None:
    ola = signed_in_as("ola", Brand.objects.get(key="linden"), played)
    text = ola.get(FOLLOWERS).content.decode()
    assert "journal" in text
    assert re.search(r'class="field-behind">0<', text)


# ── Jobs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def given_up(db: None) -> Job:
    job = enqueue(BREAKS, {})
    Job.objects.filter(pk=job.pk).update(attempts=TRIES - 1)
    assert not run(job.pk)
    job.refresh_from_db()
    assert job.gave_up_at
    return job


def test_a_job_given_up_is_tried_again_it_is_due_now(at_desk: AtDesk, given_up: Job) -> None:
    officer = at_desk("officer")
    text = officer.get(f"{JOBS}?state=failed").content.decode()
    assert BREAKS in text
    assert "ValueError" in text
    assert BREAKS not in officer.get(f"{JOBS}?state=open").content.decode().partition('id="result_list"')[2]
    assert "1 job is tried again." in told(officer, press(officer, JOBS, "again", given_up))
    given_up.refresh_from_db()
    assert (given_up.gave_up_at, given_up.attempts) == (None, 0)


def test_a_job_that_somebody_is_doing_is_left_alone_it_says_so(at_desk: AtDesk, given_up: Job) -> None:
    Job.objects.filter(pk=given_up.pk).update(gave_up_at=None, leased_until=timezone.now() + timedelta(seconds=30))
    officer = at_desk("officer")
    assert "1 job was left alone" in told(officer, press(officer, JOBS, "again", given_up))


def test_an_auditor_sees_jobs_and_tries_none_again_it_offers_no_button(at_desk: AtDesk, given_up: Job) -> None:
    auditor = at_desk("auditor")
    assert 'value="again"' not in auditor.get(JOBS).content.decode()
    press(auditor, JOBS, "again", given_up)
    given_up.refresh_from_db()
    assert given_up.gave_up_at


def test_done_jobs_are_listed_where_one_asks_for_them(at_desk: AtDesk, given_up: Job) -> None:
    Job.objects.filter(pk=given_up.pk).update(gave_up_at=None, done_at=timezone.now())
    auditor = at_desk("auditor")
    assert BREAKS not in auditor.get(JOBS).content.decode()
    assert BREAKS in auditor.get(f"{JOBS}?state=done").content.decode()


def test_long_work_shows_how_far_it_is_how_fast_and_how_long_it_takes(at_desk: AtDesk, given_up: Job) -> None:
    officer, began = at_desk("officer"), timezone.now() - timedelta(minutes=10)
    far = {"done": 20_000, "total": 100_000, "began_at": began, "moved_at": began + timedelta(seconds=500), "gave_up_at": None}
    Job.objects.filter(pk=given_up.pk).update(**far)
    page = officer.get(JOBS).content.decode()
    assert '<progress max="100000" value="20000" aria-label="Progress: tests.breaks">' in page
    assert "20,000 of 100,000 · 40 a second · about 34 minutes left" in page
    Job.objects.filter(pk=given_up.pk).update(done=3, total=0)
    assert in_words(Job.objects.get(pk=given_up.pk)) == "3"


def test_every_job_of_ours_has_a_name_at_the_desk() -> None:
    ours = {name for name in handlers._handlers if not name.startswith("tests.")} - {each.name for each in handlers.dailies()}
    assert ours - set(CALLED) <= {CONFIRMS}


# ── The catalogue: published from here ──────────────────────────────────────────────────────────────────────────────


def test_publishing_a_new_wording_works_from_draft_to_ledger_it_takes_an_officer(at_desk: AtDesk, linden: Brand) -> None:
    news = Purpose.objects.get(brand=linden, key="news")
    editor = at_desk("editor")
    assert "1 draft is on the desk." in told(editor, press(editor, PURPOSES, "revise", news))
    draft = news.draft
    assert draft
    page = f"{VERSIONS}{draft.pk}/change/"
    sent = form_of(editor, page)
    for formset in editor.get(page).context["inline_admin_formsets"]:
        sent |= {field.html_name: field.value() for field in formset.formset.management_form}
        for form in formset.formset.forms:
            sent |= filled(form)
    reworded = "News and offers, in other words."
    sent = {name: '{"email": "", "sms": ""}' if value == {} else value for name, value in sent.items()}
    sentence = next(name for name in sent if name.startswith("texts-0-sentence"))
    sent[sentence] = reworded
    assert editor.post(page, sent)["Location"] == VERSIONS
    draft = news.draft
    assert draft
    assert reworded in list(draft.texts.values_list("sentence", flat=True))
    press(editor, VERSIONS, "publish", draft, says_the_same="on")
    draft.refresh_from_db()
    assert draft.number is None

    officer = at_desk("officer")
    assert "an officer has to confirm" in told(officer, press(officer, VERSIONS, "publish", draft))
    assert "1 version is published." in told(officer, press(officer, VERSIONS, "publish", draft, says_the_same="on"))
    published = PurposeVersion.objects.get(pk=draft.pk)
    assert published.number == 2
    entry = Entry.objects.get(public_id=str(published.entry_public_id))
    assert entry.actor == f"staff:{Person.objects.get(email='officer@linden.example').reference}"
    assert officer.post(page, sent).status_code == 403  # it is published now


def test_what_is_in_the_way_of_publishing_is_told_it_publishes_nothing(at_desk: AtDesk, linden: Brand) -> None:
    empty = draft_purpose(linden, key="quiz", content=Content(basis=PurposeVersion.Basis.CONSENT, classes=(), texts={}, uses=()))
    officer = at_desk("officer")
    problems = told(officer, press(officer, VERSIONS, "publish", empty))
    assert "Name at least one class of the law" in problems
    assert "published" not in problems
    empty.refresh_from_db()
    assert empty.number is None


def test_another_brands_purposes_are_not_there_it_starts_at_the_host(at_desk: AtDesk, kingfisher: Brand) -> None:
    theirs = Purpose.objects.filter(brand=kingfisher).first()
    assert theirs
    officer = at_desk("officer", "editor")
    assert officer.get(f"{PURPOSES}{theirs.pk}/change/").status_code == 302  # "perhaps it was deleted?"
    press(officer, PURPOSES, "retire", theirs)
    theirs.refresh_from_db()
    assert theirs.retired_at is None
    for path, row in ((BRAND, kingfisher), (THEME, kingfisher.theme)):
        assert officer.get(f"{path}{row.pk}/change/").status_code == 302


# ── A brand's clothes and words ─────────────────────────────────────────────────────────────────────────────────────


def newest_act(kind: str = "brand.changed") -> tuple[str, str]:
    entry = Entry.objects.filter(kind=kind).order_by("-id").first()
    assert entry
    return entry.act["what"], entry.actor


def test_an_editor_restyles_it_writes_the_ledger_once(at_desk: AtDesk, linden: Brand) -> None:
    editor = at_desk("editor")
    page = f"{THEME}{linden.theme.pk}/change/"
    sent = form_of(editor, page) | {"radius": "8px"}
    assert editor.post(page, sent)["Location"] == THEME
    actor = f"staff:{Person.objects.get(email='editor@linden.example').reference}"
    assert newest_act() == ("theme", actor)
    assert Theme.objects.get(brand=linden).radius == "8px"
    before = Entry.objects.count()
    editor.post(page, sent)
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    ("token", "value", "fault"),
    [
        ("ink", "#999999", "ink on paper"),
        ("accent_night", "#222222", "at night"),
        ("accent", "red", "six hexadecimal digits"),
        ("radius", "4px; } body { display: none", "Write a length"),
        ("font_text", "url(https://evil.example)", "List font names"),
    ],
)
def test_what_cannot_be_read_is_refused_it_says_which_and_why(at_desk: AtDesk, linden: Brand, token: str, value: str, fault: str) -> None:
    editor = at_desk("editor")
    page = f"{THEME}{linden.theme.pk}/change/"
    before = written()
    assert fault in errors(editor.post(page, form_of(editor, page) | {token: value}))
    assert written() == before
    assert getattr(Theme.objects.get(brand=linden), token) != value


def test_a_sentence_in_the_brands_words_it_comes_and_goes(at_desk: AtDesk, linden: Brand) -> None:
    editor = at_desk("editor")
    said = {"language": "en", "key": "history.lede", "text": "All that happened here."}
    assert editor.post(f"{WORDING}add/", said)["Location"] == WORDING
    row = Wording.objects.get(brand=linden, language="en", key="history.lede")
    page = f"{WORDING}{row.pk}/change/"
    assert "Every choice, request and change" in editor.get(page).content.decode()
    assert "pushes the reader" in errors(editor.post(page, {"text": "Last chance to read this."}))
    assert "No exclamation marks" in errors(editor.post(f"{WORDING}add/", said | {"text": "Read this!"}))
    editor.post(page, {"text": "Everything that happened here."})
    row.refresh_from_db()
    assert row.text == "Everything that happened here."
    editor.post(f"{WORDING}{row.pk}/delete/", {"post": "yes"})
    assert not Wording.objects.filter(pk=row.pk).exists()
    assert newest_act()[0] == "wording"
    editor.post(f"{WORDING}add/", said)
    again = Wording.objects.get(brand=linden, language="en", key="history.lede")
    press(editor, WORDING, "delete_selected", again, post="yes")
    assert not Wording.objects.filter(pk=again.pk).exists()
    assert newest_act()[0] == "wording"


@pytest.mark.parametrize(("field", "value"), [("key", "choices.allow"), ("language", "de")])
def test_only_what_may_be_reworded_it_offers_no_other(at_desk: AtDesk, field: str, value: str) -> None:
    said = {"language": "en", "key": "history.lede", "text": "All that happened here."} | {field: value}
    assert "Select a valid choice" in errors(at_desk("editor").post(f"{WORDING}add/", said))


def picture(width: int = 40, height: int = 20) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#1f5547").save(out, "PNG")
    out.name = "logo.png"
    out.seek(0)
    return out


def test_a_new_logo_takes_the_place_of_the_old_it_is_our_own_drawing(at_desk: AtDesk, linden: Brand) -> None:
    editor = at_desk("editor")
    old = Logo.objects.get(brand=linden, variant="light").sha256
    assert editor.post(f"{LOGO}add/", {"variant": "light", "upload": picture()})["Location"] == LOGO
    new = Logo.objects.get(brand=linden, variant="light")
    assert (new.width, new.height) == (40, 20)
    assert new.sha256 != old
    assert newest_act()[0] == "logo"
    assert f"-{new.sha256[:8]}.png" in editor.get(LOGO).content.decode()


def test_what_is_no_picture_is_refused_it_says_what_to_send(at_desk: AtDesk) -> None:
    editor = at_desk("editor")
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    svg.name = "logo.svg"
    before = Entry.objects.count()
    assert "PNG, JPEG or WebP" in errors(editor.post(f"{LOGO}add/", {"variant": "light", "upload": svg}))
    large = io.BytesIO(b"0" * (513 * 1024))
    large.name = "logo.png"
    assert "larger than 512 kB" in errors(editor.post(f"{LOGO}add/", {"variant": "light", "upload": large}))
    assert Entry.objects.count() == before


def test_who_is_responsible_is_the_officers_to_say_it_is_not_the_editors(at_desk: AtDesk, linden: Brand) -> None:
    officer, editor = at_desk("officer"), at_desk("editor")
    page = f"{BRAND}{linden.pk}/change/"
    sent = form_of(officer, page)
    assert editor.post(page, sent | {"legal_name": "Somebody else"}).status_code == 403
    assert officer.post(page, sent | {"legal_name": "Linden & Loom S.A.", "name": "Linden"})["Location"] == BRAND
    linden.refresh_from_db()
    assert (linden.legal_name, linden.name) == ("Linden & Loom S.A.", "Linden")
    assert newest_act()[0] == "legal"
    assert "first language" in errors(officer.post(page, sent | {"languages": ["pl"], "default_language": "en"}))
    assert "Select a valid choice" in errors(officer.post(page, sent | {"languages": ["de"]}))


# ── Both languages, and what browsers are told ──────────────────────────────────────────────────────────────────────


def test_no_page_of_the_desk_needs_an_inline_style_or_script_it_has_none(played: Any) -> None:
    for path, content in pages_after_the_story(played).items():
        text = content.decode()
        if re.fullmatch(r"/desk/notifications/campaign/preview/\d+/\d+/", path):
            continue  # a mail as its reader sees it: a document of its own, with its own policy
        assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=\"", text), path
        assert all("src=" in tag or 'type="application/json"' in tag for tag in re.findall(r"<script[^>]*>", text)), path


def test_the_policy_is_the_strict_one_it_is_never_loosened_here(at_desk: AtDesk) -> None:
    policy = at_desk("officer").get(DESK)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_a_customer_who_is_staff_too_is_let_in_by_the_second_factor_alone_it_does(linden: Brand, settings: Any) -> None:
    person = employ(linden, "both@linden.example", "auditor")
    join(brand=linden, address=person.email, language="en")
    browser = Browser(linden, settings.MAIL_DIR)
    browser.sign_in(person.email)
    assert browser.get(DESK, follow=True).redirect_chain[-1][0].startswith("/account/authenticator/")


# ── In the language of whoever works there ──────────────────────────────────────────────────────────────────────────


def _fields(form: Any) -> Any:
    return (form._meta.fields if getattr(form, "_meta", None) else None) or ()


def _names(model: Any, names: Any) -> Iterator[tuple[str, Any]]:
    for name in names:
        field = next((each for each in model._meta.get_fields() if each.name == name), None)
        if field is not None and hasattr(field, "verbose_name"):
            yield f"{model.__name__}.{name}", field.verbose_name


def test_every_name_that_the_desk_shows_can_be_translated() -> None:
    said: dict[str, Any] = {}
    for model, admin in desk._registry.items():
        meta = model._meta
        said |= {
            f"{meta.label}": meta.verbose_name,
            f"{meta.label} (many)": meta.verbose_name_plural,
            meta.app_label: meta.app_config.verbose_name,
        }
        shown = {*admin.list_display, *(admin.fields or ()), *admin.readonly_fields, *_fields(admin.form)}
        shown |= {name for _title, fieldset in admin.fieldsets or () for name in fieldset["fields"]}
        said |= dict(_names(model, shown))
        for inline in admin.inlines:
            said |= dict(_names(inline.model, _fields(inline.form)))
    assert [name for name, words in said.items() if not isinstance(words, Promise)] == []
    assert len(said) > 200

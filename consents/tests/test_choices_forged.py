"""Forms that no page of ours made, or that somebody else's page made; and every method but POST: nothing is written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from consents import actions
from consents.models import Choice, Shown
from consents.states import Scope
from consents.tests.acting import allow, count, deny, own, signed_in, state
from consents.tests.test_choices_forms import RECS, after, form, notice
from ledger.models import Entry

# ── Forged ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def unchanged(anna: Customer) -> Any:
    return count(anna), list(Choice.objects.values()), Shown.objects.count(), list(Customer.objects.filter(pk=anna.pk).values())


FORGED = [
    ("/choices/nosuch/", {"decision": "allow"}, 404),
    ("/choices/nosuch/", {"decision": "deny"}, 404),
    ("/choices/news/", {"decision": "deny"}, 404),
    ("/choices/news/fax/", {"decision": "deny"}, 404),
    ("/choices/recs/email/", {"decision": "allow"}, 404),
    ("/choices/recs/", {"decision": "ALLOW"}, 400),
    ("/choices/recs/", {"decision": "granted"}, 400),
    ("/choices/recs/", {"decision": ""}, 400),
    ("/choices/recs/", {}, 400),
    ("/choices/nosuch/", {"decision": "maybe"}, 400),
]


@pytest.mark.parametrize(("path", "data", "status"), FORGED)
def test_a_forged_form_changes_nothing(anna: Customer, browser: Client, path: str, data: dict[str, str], status: int) -> None:
    before = unchanged(anna)
    response = browser.post(path, data)
    assert response.status_code == status
    assert unchanged(anna) == before
    assert "Linden &amp; Loom" in response.content.decode(), "an error page in the brand's dress"


@pytest.mark.parametrize("size", [300 * 1024, 3 * 1024 * 1024])
@pytest.mark.parametrize("path", [RECS, "/choices/undo/", "/choices/deny-all/", "/choices/marketing/"])
def test_a_body_of_no_form_of_ours_is_refused(anna: Customer, browser: Client, size: int, path: str) -> None:
    before = unchanged(anna)
    response = browser.post(path, {"decision": "deny", "page": "x" * size}, content_type="application/x-www-form-urlencoded")
    response = browser.generic("POST", path, b"decision=deny&page=" + b"x" * size, "application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert unchanged(anna) == before
    assert "Linden &amp; Loom" in response.content.decode()


GARBAGE = [
    "", "garbage", "." * 4, "0" * 32, "\x00", "<script>", "' OR 1=1", f"{'0' * 32}.1.1.en.{'0' * 64}", f"{'0' * 32}.0.1.en.{'f' * 64}",
    f"{'0' * 32}.999999999.1.en.{'0' * 64}", f"{'0' * 32}.-1.1.en.{'0' * 64}", f"{'0' * 32}.٣.1.en.{'0' * 64}", "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", [None, *GARBAGE])
def test_a_page_field_that_says_nothing_applies_a_no_and_asks_a_yes_anew(anna: Customer, browser: Client, text: str | None) -> None:
    page = {} if text is None else {"page": text}
    before = count(anna)
    response = browser.post(RECS, {"decision": "allow", **page})
    assert notice(after(browser, response)).startswith("This changed in the meantime")
    assert (count(anna), state(anna, "recs")) == (before, "none")
    assert notice(after(browser, browser.post(RECS, {"decision": "deny", **page}))).startswith("Saved. You don’t allow:")
    assert state(anna, "recs") == "refused"
    assert Shown.objects.count() == 0


def test_another_forms_page_does_not_speak_for_this_one(anna: Customer, browser: Client) -> None:
    other = form(browser, "/choices/insight/").post("allow")
    browser.post(RECS, other)
    assert state(anna, "recs") == "none"


def test_a_form_without_the_proof_of_its_origin_is_refused(anna: Customer) -> None:
    strict = signed_in(anna, enforce_csrf_checks=True)
    before = unchanged(anna)
    for path in (RECS, "/choices/undo/", "/choices/deny-all/", "/choices/marketing/"):
        assert strict.post(path, {"decision": "deny"}).status_code == 403
    assert unchanged(anna) == before


def test_somebody_elses_page_decides_for_nobody(anna: Customer, bea: Customer, browser: Client) -> None:
    """Bea sends the form of Anna's page: it acts for Bea alone, and its yes had seen nothing of hers."""
    of_anna = form(browser).post("allow")
    signed_in(bea).post(RECS, of_anna)
    assert state(anna, "recs") == "none"
    assert state(bea, "recs") in {"none", "granted"}
    assert Entry.objects.of(anna.subject).filter(kind="choice.decided").count() == 0


def test_undo_of_somebody_elses_receipt(anna: Customer, bea: Customer) -> None:
    no = deny(anna, "recs")
    assert no.entry is not None
    before = unchanged(anna)
    response = signed_in(bea).post("/choices/undo/", {"receipt": str(no.entry.public_id)})
    unknown = signed_in(bea).post("/choices/undo/", {"receipt": "0192b1b2-0000-7000-8000-000000000000"})
    assert (response.status_code, response["Location"]) == (unknown.status_code, unknown["Location"]) == (303, "/choices/")
    assert unchanged(anna) == before


@pytest.mark.parametrize("text", ["", "garbage", "\x00", "0" * 40])
def test_undo_of_no_receipt(browser: Client, text: str) -> None:
    assert notice(after(browser, browser.post("/choices/undo/", {"receipt": text}))).startswith("This can’t be undone any more")


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 30, "٣", "\x00", "0", "999999999"])
def test_a_lift_that_has_not_seen_the_stop(anna: Customer, browser: Client, seen: str) -> None:
    actions.stop(anna, Scope.MARKETING, own(anna))
    before = unchanged(anna)
    after(browser, browser.post("/choices/marketing/", {"state": "off", "seen": seen}))
    assert unchanged(anna) == before


# ── GET, and nobody signed in ───────────────────────────────────────────────────────────────────────────────────────

POST_ONLY = ["/choices/recs/", "/choices/news/email/", "/choices/undo/", "/choices/deny-all/", "/choices/marketing/", "/choices/nosuch/"]


@pytest.mark.parametrize("path", POST_ONLY)
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
def test_only_a_post_decides(anna: Customer, browser: Client, path: str, method: str) -> None:
    before = unchanged(anna)
    response = getattr(browser, method)(f"{path}?decision=deny&page=x")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert unchanged(anna) == before


def test_looking_at_every_page_changes_nothing(anna: Customer, browser: Client) -> None:
    entry = allow(anna, "recs").entry
    assert entry is not None
    paths = ["/", "/choices/", "/how-we-use-data/", "/privacy-choices/", "/history/"]
    paths += ["/history/?show=choices", "/contact/", "/accessibility/", "/account/"]
    paths += [f"/history/{entry.public_id}{end}" for end in ("/", ".json", ".jsonld")]
    before = unchanged(anna)
    for path in paths:
        assert browser.get(path).status_code == 200, path
    assert unchanged(anna) == before


@pytest.mark.parametrize("path", POST_ONLY)
def test_nobody_signed_in_decides_nothing(anna: Customer, visitor: Client, path: str) -> None:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', visitor.get("/sign-in/").content.decode())
    assert token
    before = unchanged(anna)
    response = visitor.post(path, {"decision": "deny", "csrfmiddlewaretoken": token[1]})
    assert response.status_code in {302, 303, 404}
    assert response.get("Location", "/sign-in/") in {"/sign-in/", "/choices/"}
    assert unchanged(anna) == before

"""Every address of the center and every call of its API, asked by everybody who may come: whoever is none of Zofianna's guardians, nor she
herself, reads nothing of hers and changes nothing of hers. An address that is in no row fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from ledger.models import Entry
from preference_center.tests import family_world as worlds
from preference_center.tests.family_world import (
    AGENT,
    CHILD,
    GUARDIAN,
    GUARDIANS,
    HERE,
    NOBODY,
    ROLES,
    SECOND,
    World,
    allow_form,
    leaks,
    of_adults,
    of_hers,
    picture,
    seen,
    undone,
    wish_form,
)
from regimes import law
from regimes.actions import SHIPPED, load

pytestmark = pytest.mark.django_db
ZERO = "0" * 32


@dataclass(frozen=True)
class Row:
    """One address. `post`: what a form of it sends; `json`: what a call of it sends. `may`: to whom it may say something of hers, or let
    them act on it; `shows`: who must find something of hers there, so that the row is about what it says."""

    path: str
    post: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    may: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    acts: frozenset[str] | None = None  # whose POST is done: answered like that of nobody to whom it is closed

    def __str__(self) -> str:
        return self.path


ONLY_MARTA = frozenset({GUARDIAN})
DESK = frozenset({AGENT})

# ── Of hers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FORM, ASK, OFF = "form of her mother", "form of her own: ask", "form of her own: off"
FAMILY_ROWS = (
    Row("/family/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/choices/album/", {"form": FORM}, may=GUARDIANS),
    Row("/family/{zosia}/choices/letter/email/", {"decision": "deny"}, may=GUARDIANS),
    Row("/family/{zosia}/deny-all/", may=GUARDIANS),
    Row("/family/{zosia}/wishes/{wish}/", {"note": "No."}, may=GUARDIANS),
    Row("/family/{zosia}/page/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/link/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/history/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/receipts/{receipt}.json", may=ONLY_MARTA, shows=ONLY_MARTA),
    Row("/family/{zosia}/receipts/{theirs}.json", may=frozenset({SECOND}), shows=frozenset({SECOND})),
    Row("/family/{zosia}/details/", {"name": "Zofianna", "birth_date": "2016-01-01"}, may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/resign/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/address/", {"decision": "agree"}, may=GUARDIANS),
    Row("/family/{zosia}/requests/", may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/requests/delete/", {"nonce": ZERO}, may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/requests/copy/", {"nonce": ZERO}, may=GUARDIANS, shows=GUARDIANS),
    Row("/family/{zosia}/requests/correct/", {"nonce": ZERO, "text": "It is wrong."}, may=GUARDIANS, shows=GUARDIANS),
    Row("/me/", may=frozenset({CHILD}), shows=frozenset({CHILD})),
    Row("/me/choices/photos/", {"form": OFF}, may=frozenset({CHILD})),
    Row("/me/choices/videos/", {"form": ASK}, may=frozenset({CHILD})),
    Row("/me/choices/letter/email/", {"act": "off"}, may=frozenset({CHILD})),
    Row("/me/wishes/", {"what": "copy", "note": "Please."}, may=frozenset({CHILD})),
    Row("/me/claim/", {"address": "me@example.com"}, may=frozenset({CHILD})),
    Row("/me/claim/code/", {"code": "123456"}, may=frozenset({CHILD})),
    Row("/requests/{request}/", may=GUARDIANS, shows=GUARDIANS),
    Row("/requests/{request}/prove/", may=GUARDIANS),
    Row("/requests/{request}/withdraw/", may=GUARDIANS),
    Row("/requests/{request}/end-pause/", may=GUARDIANS),
    Row("/requests/{request}/message/", {"text": "Please hurry."}, may=GUARDIANS),
    Row("/requests/{copy}/", may=GUARDIANS),
    Row("/requests/{copy}/file/", {"nonce": ZERO}, may=GUARDIANS),
    Row("/requests/{request}/appeal/", {"text": "I do not agree."}, may=GUARDIANS),
)

# ── Doors that open by what is in the address: forged, and as they were mailed ──────────────────────────────────────

FORGED = "AAAAAAAAAAAAAAAAAAAAAA"
LINK_ROWS = (
    Row("/me/{zosia}.1." + FORGED + "/"),
    Row("/me/{zosia}.2." + FORGED + "/"),
    Row("/me/{token}/", may=HERE),
    Row("/family/confirm/1-" + FORGED + "/"),
    Row("/family/confirm/{claim}/", may=frozenset({SECOND})),
    Row("/family/revoke/1-" + FORGED + "/"),
    Row("/family/revoke/{claim}/", acts=HERE),
    Row("/family/revoke/{paper}/", acts=HERE),
    Row("/family/invitation/2222-2222-2222/", {"claim": "mother", "method": "email_plus"}),
    Row("/family/invitation/{used_code}/", {"claim": "mother", "method": "email_plus"}),
    # Whoever holds a code is told who invites, and may say who they are. Of the child nothing.
    Row("/family/invitation/{code}/", {"claim": "mother", "method": "in_person"}, may=GUARDIANS, acts=HERE),
    Row("/requests/{request}/not-me/" + FORGED + "/"),
    Row("/requests/{request}/not-me/{not_me}/", acts=HERE),
    Row("/requests/{request}/keep/" + FORGED + "/"),
    Row("/requests/{request}/keep/{keep}/", acts=HERE),
    Row("/requests/{request}/certificate/" + FORGED + "/"),
    Row("/requests/{request}/certificate/{follow}/"),
    Row("/requests/{request}/follow/" + FORGED + "/"),
    Row("/requests/{request}/follow/{follow}/", acts=HERE),
    Row("/requests/{request}/answer/crm/", json={"request": "{request}"}),
    Row("/requests/agent/{request}/" + FORGED + "/"),
    Row("/account/address/1/" + FORGED + "/"),
    Row("/yes/" + FORGED + "/"),
    Row("/u/" + FORGED + "/", {"act": "stop"}),
)

# ── One's own, and everybody's: nobody reads anything of hers there ─────────────────────────────────────────────────

OWN_ROWS = (
    Row("/family/begin/", {"name": "Nowa", "birth_date": "{born}", "claim": "mother", "method": "in_person"}, may=GUARDIANS),
    Row("/family/begin/take-back/", may=ONLY_MARTA),
    Row("/family/form/", {"paper": "a picture"}, may=ONLY_MARTA, shows=ONLY_MARTA),
    Row("/family/invite/", {"name": "Ola", "address": "", "children": ["{zosia}"]}, may=GUARDIANS, shows=GUARDIANS),
    Row("/family/invite/{invitation}/take-back/", may=ONLY_MARTA),
    Row("/family/invitation/", {"code": "{code}"}),
    Row("/age/", {"birth_date": "2015-01-01"}),
    Row("/age/adult/", {"name": "Zofianna", "address": ""}),
    Row("/me/leave/"),
    Row("/", may=GUARDIANS, shows=GUARDIANS),
    Row("/contact/"),
    Row("/accessibility/"),
    Row("/sign-in/", {"email": "nobody@example.com"}),
    Row("/sign-in/code/", {"code": "123456"}),
    Row("/sign-in/code/again/"),
    Row("/sign-in/passkey/"),
    Row("/sign-in/passkey/complete/"),
    Row("/sign-in/with-brand/"),
    Row("/sign-in/with-brand/callback/"),
    Row("/sign-out/"),
    Row("/account/"),
    Row("/account/address/", {"email": "new@example.com"}),
    Row("/account/address/code/", {"code": "123456"}),
    Row("/account/language/", {"language": "pl"}, may=GUARDIANS),  # sends on to the overview
    Row("/account/name/", {"name": "Somebody"}),
    Row("/account/place/", {"country": "DE", "region": ""}),
    Row("/account/sessions/1/end/"),
    Row("/account/sessions/end-others/"),
    Row("/account/passkeys/begin/"),
    Row("/account/passkeys/"),
    Row("/account/passkeys/1/rename/", {"name": "Mine"}),
    Row("/account/passkeys/1/remove/"),
    Row("/account/authenticator/", {"code": "123456"}),
    Row("/account/authenticator/remove/"),
    Row("/account/recovery-codes/"),
    Row("/account/second-factor/", {"token": "123456"}),
    Row("/account/with-brand/link/"),
    Row("/account/with-brand/unlink/"),
    Row("/account/confirm/", {"code": "123456"}),
    Row("/policy/"),
    Row("/policy/1/"),
    Row("/policy/1.json"),
    Row("/policy/1.jsonld"),
    Row("/policy/1...2/"),
    Row("/choices/"),
    Row("/choices/undo/", {"receipt": "{receipt}"}),
    Row("/choices/deny-all/"),
    Row("/choices/marketing/"),
    Row("/choices/taste/"),
    Row("/choices/address/", {"email": "nobody@example.com"}),
    Row("/choices/address/code/", {"code": "123456"}),
    Row("/choices/album/", {"form": FORM}),
    Row("/choices/letter/email/", {"decision": "deny"}),
    Row("/how-we-use-data/"),
    Row("/how-we-use-data.csv"),
    Row("/how-we-use-data.jsonld"),
    Row("/signal/"),
    Row("/privacy-choices/", {"scope": "sale"}),
    Row("/history/"),
    Row("/history/{receipt}/"),
    Row("/history/{receipt}.json"),
    Row("/history/{receipt}.jsonld"),
    Row("/what-you-told-us/"),
    Row("/what-you-told-us/undo/", {"receipt": "{receipt}"}),
    Row("/what-you-told-us/unused/"),
    Row("/what-you-told-us/download/"),
    Row("/what-you-told-us/shirt-size/"),
    Row("/what-you-told-us/shirt-size/delete/"),
    Row("/prompts/shirt-size/", {"answer": "m", "do": "save"}),
    Row("/prompts/shirt-size/again/"),
    Row("/prompts/answer/1.1." + FORGED + "/", {"answer": "m"}),
    Row("/prompts/look.css"),
    Row("/changes/2026-01-01/"),
    Row("/hooks/mail/"),
    Row("/requests/"),
    Row("/requests/code/", {"code": "123456"}),
    Row("/requests/figures/"),
    Row("/requests/figures/2026/"),
    Row("/requests/figures/2026/csv/"),
    Row("/requests/delete/", {"what": "all"}),
    Row("/requests/delete/check/"),
    Row("/requests/limited/"),
    Row("/requests/without-account/", {"kind": "copy", "text": ""}),
    Row(
        "/requests/without-account/who/",
        {"name": "Zofianna Kanarkowska", "email": "nobody@example.com", "shown": "{born}", "country": "PL"},
    ),
    Row("/requests/for-somebody-else/check/", {"declared": "on"}),
    Row("/requests/copy/", {"parts": ["account"]}),
    Row("/requests/copy/check/"),
    Row("/brand/kingfisher-00000000.css"),
    Row("/brand/kingfisher-00000000.png"),
    Row("/styleguide/"),
    Row("/api/v1/openapi.json"),
    Row("/api/v1/problems/invalid"),
    Row("/.well-known/consent-keys.json"),
    Row("/.well-known/gpc.json"),
    Row("/.well-known/security.txt"),
    Row("/.well-known/change-password"),
    Row("/healthz/"),
    Row("/metrics"),
)

# ── The API: a session is no key ────────────────────────────────────────────────────────────────────────────────────

HER = {"pairwise": "{pairwise}"}
YES = {
    "purpose": "album", "decision": "allow", "occurred_at": "2026-01-05T10:00:00Z",
    "evidence": {"wording": "May we show you?", "source": "a form on paper"},
}  # fmt: skip
API_ROWS = (
    Row("/api/v1/decisions", json={"person": HER, "purpose": "photos"}),
    Row("/api/v1/decisions/batch", json={"checks": [{"person": HER, "purpose": "photos"}]}),
    Row("/api/v1/audiences/photos"),
    Row("/api/v1/choices", json={"person": HER, **YES}),
    Row("/api/v1/scopes", json={"person": HER, "scope": "marketing"}),
    Row("/api/v1/people", json={"id": "C-1", "email": "new@example.com"}),
    Row("/api/v1/people/lookup", json={"person": HER}),
    Row("/api/v1/changes"),
    Row("/api/v1/export"),
    Row("/api/v1/imports", json={}),
    Row("/api/v1/imports/7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    Row("/api/v1/imports/7c9e6679-7425-40de-944b-e07fc1f90ae7/report"),
    Row("/api/v1/imports/7c9e6679-7425-40de-944b-e07fc1f90ae7/apply", json={}),
    Row("/api/v1/events", json={"person": HER, "event": "order.placed"}),
    Row("/api/v1/events/", json={"person": HER, "event": "order.placed"}),
    Row("/api/v1/answers?purpose=photos&pairwise={pairwise}"),
    Row("/api/v1/answers/?purpose=photos&pairwise={pairwise}"),
    Row("/api/v1/prompts", json={"person": HER, "visit": "a visit to the shop"}),
    Row("/api/v1/events/choice.changed.json"),
    Row("/api/v1/confirmations/ep_1", json={"event": "evt_" + ZERO, "outcome": "done"}),
    Row("/api/v1/"),
    Row("/api/v1/families/{zosia}"),
)

# ── The desk: for staff alone. Its own pages by name, the rest as Django's admin makes them ─────────────────────────

DESK_ROWS = (
    Row("/desk/requests/request/{request_pk}/", may=DESK, shows=DESK),
    Row("/desk/requests/request/", may=DESK),
)
ADMIN = {"pk": "{request_pk}", "object_id": "1", "number": "1", "code": "{zosia}", "app_label": "requests", "url": "nothing-here"}

TABLE = (*FAMILY_ROWS, *LINK_ROWS, *OWN_ROWS, *API_ROWS, *DESK_ROWS)


def routes(patterns: Iterable[Any], before: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, f"{before}{each.pattern}")
        elif isinstance(each, URLPattern):
            yield f"{before}{each.pattern}"


ALL_ROUTES = sorted(set(routes(get_resolver("preference_center.urls").url_patterns)))
DESK_ROUTES = [route for route in ALL_ROUTES if route.startswith("desk/")]

# ── The world, once for all rows ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def families(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One transaction around all tests of the module, taken back after the last."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase marks the transaction around a test
    with django_db_blocker.unblock():
        around.__enter__()
    try:
        with django_db_blocker.unblock():
            load(path=SHIPPED, by="system:tests")
            law.reload()
            made = worlds.found_families()
        yield made
    finally:
        _stood.clear()
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            law.reload()
            connection.close()


@pytest.fixture
def world(families: World, db: None) -> World:
    return families


def put_in(value: Any, world: World) -> Any:
    """Her code, her request, her receipts in the places of a row."""
    if isinstance(value, str):
        return value.format(born=world.words["her birth date"], **world.places) if "{" in value else value
    if isinstance(value, dict):
        return {name: put_in(each, world) for name, each in value.items()}
    return [put_in(each, world) for each in value] if isinstance(value, list) else value


def posted(row: Row, role: str, world: World) -> dict[str, Any]:
    """As the page of hers would send it, whoever sends it."""
    data = put_in(row.post, world)
    if data.get("form") == FORM:
        return allow_form(world.customers[SECOND] if role == SECOND else world.marta, world.zosia, "album", note="Fine.")
    if data.get("form") in {ASK, OFF}:
        return wish_form(world.zosia, row.path.split("/")[3], "ask" if data["form"] == ASK else "off", note="Please.")
    if "paper" in data:
        return {"paper": picture()}
    return data


def standing(world: World, role: str) -> dict[str, Any]:
    """What this role must leave as it is: all of hers, and of her guardians what is not the role's own."""
    others = [each for each in (world.marta, world.pawel) if world.customers.get(role) != each]
    return {"hers": of_hers(world.zosia), "theirs": of_adults(*others)}


def ask(world: World, row: Row, role: str, method: str) -> tuple[str, Any]:
    """What is answered, and where it sends on, what is answered there."""
    browser, path = world.browser(role), put_in(row.path, world)
    if method == "GET":
        response = browser.get(path)
    elif row.json is not None:
        response = browser.post(path, json.dumps(put_in(row.json, world)), content_type="application/json")
    else:
        response = browser.post(path, posted(row, role, world))
    text = seen(response)
    if "messages" in response.cookies and response.status_code in {302, 303}:  # what it says is read on the next page
        text += seen(browser.get(response["Location"]))
    return text, response


def methods(row: Row, world: World) -> list[str]:
    """A form is sent where there is one, or where nothing is answered to a look."""
    if row.post or row.json is not None or row.may or row.acts:
        return ["GET", "POST"]
    with undone():
        looked = world.browser(GUARDIAN).get(put_in(row.path, world)).status_code
    return ["POST"] if looked == 405 else ["GET"]


def stood(world: World, role: str) -> dict[str, Any]:
    """As it was founded: whatever a test has done is undone."""
    if role not in _stood:
        _stood[role] = standing(world, role)
    return _stood[role]


_stood: dict[str, dict[str, Any]] = {}


@pytest.fixture(scope="module")
def asked() -> Iterator[dict[str, int]]:
    """How much was asked, for whoever reads the report."""
    counted = {"requests": 0, "closed": 0}
    yield counted
    print(f"\nmatrix: {len(ALL_ROUTES)} routes, {len(TABLE) + len(DESK_ROUTES)} rows, {counted['requests']} requests")  # noqa: T201


# ── The tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_address_has_a_row(world: World) -> None:
    covered = {resolve(put_in(row.path, world).partition("?")[0]).route for row in TABLE}
    missing = [route for route in ALL_ROUTES if route not in covered and not route.startswith("desk/")]
    assert not missing, "nobody has said who may read what is answered there"
    assert covered <= set(ALL_ROUTES)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_who_is_none_of_hers_reads_nothing_and_changes_nothing(row: Row, world: World, asked: dict[str, int]) -> None:
    found, how = [], methods(row, world)
    for role in ROLES:
        may = role in row.may
        forbidden = world.forbidden(role, may=may)
        if row.path.startswith("/family/invitation/{code}"):
            forbidden.pop("the name of guardian", None)  # whoever was given the code is told who invites them
        for method in how:
            asked["requests"] += 1
            before = stood(world, role)
            with undone():
                text, response = ask(world, row, role, method)
                after = standing(world, role)
            found += [f"{role} {method} {response.status_code} reads {what}" for what in leaks(text, forbidden)]
            acts = may or (role in (row.acts or ()))
            if after != before and not (acts and method == "POST"):
                changed = [name for part in before for name in before[part] if before[part][name] != after[part][name]]
                found.append(f"{role} {method} {response.status_code} changes {', '.join(changed)}")
            if method == "GET" and role in row.shows:
                assert response.status_code == 200, f"{role} {response.status_code}"
                assert leaks(text, world.words) or world.places["token"] in text, f"{role} finds nothing of hers"
    assert not found, "\n".join(found)


@pytest.mark.parametrize("route", DESK_ROUTES)
def test_the_desk_is_for_staff_alone(route: str, world: World, asked: dict[str, int]) -> None:
    closed(route, [(GUARDIAN, "get"), (GUARDIAN, "post"), (NOBODY, "get")], world, asked)


@pytest.mark.long
@pytest.mark.parametrize("route", DESK_ROUTES)
def test_the_desk_is_for_staff_alone_whoever_asks(route: str, world: World, asked: dict[str, int]) -> None:
    closed(route, [(role, method) for role in ROLES if role != AGENT for method in ("get", "post")], world, asked)


def closed(route: str, whom: list[tuple[str, str]], world: World, asked: dict[str, int]) -> None:
    path = "/" + desk_path(route, world)
    for role, method in whom:
        asked["requests"] += 1
        with undone():
            before = Entry.objects.count()
            response = getattr(world.browser(role), method)(path)
            text = seen(response)
            assert Entry.objects.count() == before, role
        assert not leaks(text, world.forbidden(role, may=False)), f"{role} {method}"
        assert response.status_code in {302, 403, 404, 405}, f"{role} {method} {response.status_code}"


def desk_path(route: str, world: World) -> str:
    if "(?P<app_label>" in route:
        return "desk/requests/"
    if "(?P<url>" in route:
        return "desk/nothing-here/"
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: ADMIN[part[1]], route)
    return str(put_in(filled, world))


# ── A partner of the brand, and one of another ──────────────────────────────────────────────────────────────────────


def call(world: World, row: Row, brand: str, host: str = "") -> tuple[str, Any]:
    browser = world.browser(NOBODY, host=host or f"{brand}.localhost", authorization=f"Bearer {world.places[f'key of {brand}']}")
    path = put_in(row.path, world)
    response = browser.get(path) if row.json is None else browser.post(path, json.dumps(put_in(row.json, world)), "application/json")
    return seen(response), response


@pytest.mark.parametrize("row", API_ROWS, ids=str)
def test_a_partner_reads_decisions_and_nothing_of_a_family(row: Row, world: World) -> None:
    """Names, notes, wishes, a birth date, who her guardians are: none of it is a partner's business."""
    hers = {what: word for what, word in world.words.items() if what != "her reference in the ledger"} | world.names
    with undone():
        before = of_hers(world.zosia)
        text, response = call(world, row, "kingfisher")
        assert not leaks(text, hers | {"her reference": world.zosia.subject}), response.status_code
        after = of_hers(world.zosia)
    if row.path != "/api/v1/scopes":  # a no is taken from anybody who may send one
        assert after == before


@pytest.mark.parametrize("row", API_ROWS, ids=str)
def test_a_partner_of_another_brand_reaches_nobody_here(row: Row, world: World) -> None:
    everything = world.words | world.names | {whose: address for whose, address in world.addresses.items() if whose != worlds.ELSEWHERE}
    for host in ("linden.localhost", "kingfisher.localhost"):
        with undone():
            before = of_hers(world.zosia)
            text, response = call(world, row, "linden", host)
            assert not leaks(text, everything), f"{host} {response.status_code}"
            assert world.places["pairwise"] not in text or response.status_code >= 400
            assert of_hers(world.zosia) == before
        if host.startswith("kingfisher") and row.path not in {"/api/v1/events", "/api/v1/events/choice.changed.json"}:
            assert response.status_code in {401, 404, 405}, response.status_code


def decision(world: World, brand: str = "kingfisher", purpose: str = "photos") -> Any:
    return call(world, Row("/api/v1/decisions", json={"person": HER, "purpose": purpose}), brand)[1]


def test_a_partner_is_told_the_decision_and_no_more(world: World) -> None:
    answer = decision(world).json()
    assert set(answer) == {"allowed", "reason", "purpose", "channel", "proof", "position", "at"}
    assert (answer["allowed"], answer["reason"]) == (True, "granted")
    assert decision(world, purpose="results").json()["reason"] == "refused"


def test_the_number_of_a_child_is_nobodys_at_another_brand(world: World) -> None:
    answer = call(world, Row("/api/v1/decisions", json={"person": HER, "purpose": "recs"}), "linden")[1]
    assert (answer.status_code, answer.json()["allowed"], answer.json()["reason"]) == (200, False, "unknown_person")


def test_a_partner_does_not_say_yes_for_a_child(world: World) -> None:
    with undone():
        before = of_hers(world.zosia)
        answer = call(world, Row("/api/v1/choices", json={"person": HER, **YES}), "kingfisher")[1]
        assert (answer.status_code, answer.json()["result"]) == (200, "no_control")
        assert of_hers(world.zosia) == before
        assert not decision(world, purpose="album").json()["allowed"]


def test_a_partner_reads_no_address_of_a_child(world: World) -> None:
    answer = call(world, Row("/api/v1/people/lookup", json={"person": HER}), "kingfisher")[1].json()
    assert (answer["ids"], answer["emails"], answer["phones"]) == ([], [], [])


def test_the_rows_are_of_everybody(world: World) -> None:
    """The canaries are where they were put: a search that finds nothing anywhere would pass every test above."""
    with undone():
        page = seen(world.browser(GUARDIAN).get("/family/"))
        own = seen(world.browser(CHILD).get("/me/"))
    assert set(leaks(page, world.words)) >= {"her name", "what she wishes", "what she wishes to have deleted", "the name of who is invited"}
    assert set(leaks(own, world.words)) >= {"her name", "the note of her mother", "the note of her father"}

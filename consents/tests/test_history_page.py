"""The record: by month, newest first, by keyset, with filters; every entry leads to its receipt, an emptied one keeps its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Customer
from consents import actions, history
from consents.states import How, Scope, State, Where
from consents.tests.acting import acts, allow, deny, own, page, signed_in
from consents.tests.chain import sign_ins
from consents.tests.reading import Page, read
from ledger.emptying import Reason, empty
from ledger.kinds import Period, Words, register
from ledger.models import Entry
from ledger.turns import turn

JULY = datetime(2027, 7, 5, 12, tzinfo=UTC)


def record(client: Client, query: str = "") -> Page:
    response = client.get(f"/history/{query}")
    assert response.status_code == 200
    return read(response)


def html(client: Client, query: str = "") -> str:
    content: bytes = client.get(f"/history/{query}").content
    return content.decode()


def receipts(seen: Page) -> list[str]:
    """Public ids in the order of the page."""
    links = [link.strip("/").split("/") for link in seen.links]
    return [parts[1] for parts in links if len(parts) == 2 and parts[0] == "history"]


def test_it_starts_with_what_there_is(anna: Customer, browser: Client) -> None:
    assert len(receipts(record(browser))) == 1  # she joined
    assert "Nothing of this kind yet." in html(browser, "?show=choices")


def test_it_is_newest_first_under_the_months_of_the_persons_clock(anna: Customer, browser: Client) -> None:
    """An entry at 23:30 UTC on the last of June is in July in Warsaw, where the shop is."""
    with time_machine.travel(datetime(2027, 6, 30, 23, 30, tzinfo=UTC), tick=False):
        allow(anna, "recs")
    with time_machine.travel(JULY, tick=False):
        deny(anna, "recs")
        seen = record(signed_in(anna))
    assert [each.strip() for each in seen.texts["h2"]][:1] == ["July 2027"]
    assert receipts(seen)[:2] == [act["id"] for act in reversed(acts(anna))]


def test_seventy_five_entries_by_pages_of_thirty(anna: Customer, browser: Client) -> None:
    entries = sign_ins(anna, 74, until=JULY)
    every = [str(Entry.objects.of(anna.subject).get(seq=1).public_id), *(str(entry.public_id) for entry in entries)]
    found: list[str] = []
    query, pages = "", 0
    while True:
        seen = record(browser, query)
        found += receipts(seen)
        pages += 1
        older = [link for link in seen.links if link.startswith("?") and "before=" in link]
        if not older:
            break
        query = older[0]
    assert (pages, found) == (3, every[::-1])


@pytest.mark.parametrize(("count", "older"), [(29, False), (30, True)])
def test_there_is_no_link_to_an_empty_page(anna: Customer, browser: Client, count: int, older: bool) -> None:
    sign_ins(anna, count, until=JULY)
    assert ("before=" in html(browser)) is older


def test_entries_that_come_in_between_shift_no_page(anna: Customer, browser: Client) -> None:
    sign_ins(anna, 40, until=JULY)
    second = next(link for link in record(browser).links if "before=" in link)
    before = receipts(record(browser, second))
    sign_ins(anna, 5, until=JULY + timedelta(days=1))
    assert receipts(record(browser, second)) == before


def test_filters(anna: Customer, browser: Client) -> None:
    allow(anna, "recs")
    actions.stop(anna, Scope.MARKETING, own(anna))
    sign_ins(anna, 2, until=JULY)
    assert len(receipts(record(browser))) == 5
    assert len(receipts(record(browser, "?show=choices"))) == 2
    assert len(receipts(record(browser, "?show=sign_ins"))) == 2
    assert len(receipts(record(browser, "?show=account"))) == 1


def test_a_filter_is_kept_on_the_older_pages(anna: Customer, browser: Client) -> None:
    sign_ins(anna, 70, until=JULY)
    allow(anna, "recs")
    seen = record(browser, "?show=sign_ins")
    older = next(link for link in seen.links if "before=" in link)
    assert "show=sign_ins" in older
    assert len(receipts(record(browser, older))) == 30


@pytest.mark.parametrize(
    "query", ["?show=nosuch", "?show=' OR 1=1", "?before=x", "?before=-1", "?before=1e3", "?before=" + "9" * 30, "?before=%00", "?show=%00"]
)
def test_a_forged_address_is_not_found(browser: Client, query: str) -> None:
    assert browser.get(f"/history/{query}").status_code == 404


def test_nobody_elses_entries_are_there(anna: Customer, bea: Customer, browser: Client) -> None:
    entry = allow(bea, "recs").entry
    assert entry is not None
    assert str(entry.public_id) not in html(browser)
    assert "Suggestions" not in html(browser)


def test_an_emptied_entry_keeps_its_place_without_a_receipt(anna: Customer, browser: Client) -> None:
    allow(anna, "recs")
    with turn(anna.subject, brand="linden", actor="system:tests") as this:
        tombstone = empty(this, anna.subject, [2], Reason.PERIOD)
    assert tombstone is not None
    gone = Entry.objects.of(anna.subject).get(seq=2)
    shown = html(browser)
    assert "An entry whose content was deleted" in shown
    assert "Suggestions" not in shown
    assert str(gone.public_id) not in shown
    assert str(tombstone.public_id) in shown
    for end in ("/", ".json", ".jsonld"):
        assert browser.get(f"/history/{gone.public_id}{end}").status_code == 404


def test_an_entry_of_an_app_that_has_gone_is_named_by_its_kind(anna: Customer, browser: Client) -> None:
    from ledger import kinds

    register("lottery.won", fields=(), period=Period.PROOF, words=lambda act: Words("Won"))
    with turn(anna.subject, brand="linden", actor="system:tests") as this:
        this.append(anna.subject, "lottery.won", {})
    kinds._kinds.pop("lottery.won")
    assert "lottery.won" in html(browser)


def test_what_was_decided_is_named_as_it_read_then(anna: Customer, browser: Client) -> None:
    from dataclasses import replace

    from catalogue.actions import publish, revise
    from catalogue.content import Content

    allow(anna, "insight")
    purpose = anna.brand.purposes.get(key="insight")
    newest = purpose.newest
    assert newest is not None
    content = Content.of(newest)
    texts = {language: replace(text, title=f"Renamed {language}") for language, text in content.texts.items()}
    publish(revise(purpose, content=replace(content, texts=texts)), by=f"staff:{'0' * 32}", says_the_same=True)
    assert "You allowed: Learning how the shop is used" in html(browser)


# ── The words of every state, way and place ─────────────────────────────────────────────────────────────────────────


def said(reader: str = "", **more: Any) -> Words:
    from brands.models import Brand
    from consents.words import choice_decided, read_at

    act = {
        "subject": "child", "party": "child", "purpose": "news", "version": 1, "channel": "email", "state": "granted", "how": "button",
        "where": "choices",
    } | more  # fmt: skip
    with read_at(Brand.objects.get(key="linden"), reader):
        return choice_decided(act)


def test_every_state_has_words_of_its_own(anna: Customer) -> None:
    titles = {state: said(state=state.value).title for state in State}
    assert len(set(titles.values())) == len(State)
    assert all(title.endswith(": News and offers, Email") for title in titles.values())


def test_what_somebody_else_decided_is_not_said_to_be_ones_own(anna: Customer) -> None:
    titles = {state: said(state=state.value, party="mother").title for state in State}
    assert len(set(titles.values())) == len(State)
    assert not any("You" in title for title in titles.values())
    assert said(party="mother").detail.startswith("By a parent or guardian.")
    assert said(reader="mother").detail.startswith("By the child.")
    assert said(reader="mother", party="mother").title == "You allowed: News and offers, Email"


def test_every_way_and_place_can_be_said(anna: Customer) -> None:
    assert all(said(how=how.value, where=where.value).detail.endswith("Version 1 of this use.") for how in How for where in Where)
    assert said(how="signal").detail == "Set by your browser’s privacy signal. Version 1 of this use."


def test_a_purpose_never_published_is_named_by_its_key(anna: Customer) -> None:
    assert said(purpose="nosuch").title == "You allowed: nosuch, Email"


@pytest.mark.parametrize("scope", list(Scope))
def test_a_wide_word_has_words(anna: Customer, browser: Client, scope: Scope) -> None:
    actions.stop(anna, scope, own(anna))
    on = history.latest(anna, 1)[0].title
    actions.lift(anna, scope, own(anna, seen=2))
    off = history.latest(anna, 1)[0].title
    assert on != off
    assert on in html(browser)


def test_the_newest_lines_for_the_overview(anna: Customer) -> None:
    deny(anna, "recs")
    allow(anna, "news", "sms", shown=page(anna, "news", "sms").shown)
    lines = history.latest(anna, 2)
    assert [line.title for line in lines] == [
        "You allowed: News and offers, Text message", "You chose “Don’t allow”: Suggestions that match your home",
    ]  # fmt: skip
    assert all(line.change_url == "" for line in lines)

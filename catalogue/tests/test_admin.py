from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model

from catalogue import actions
from catalogue.content import Content
from catalogue.models import DataCategory, PurposeVersion, Recipient
from catalogue.problems import Refused
from catalogue.tests.conftest import NEWS, SEND, a_brand, said, using
from catalogue.tests.desk import run, told
from ledger.models import Entry

VERSIONS = "/desk/catalogue/purposeversion/"
PURPOSES = "/desk/catalogue/purpose/"


EDITOR = ("view_purpose", "add_purpose", "change_purpose", "view_purposeversion", "change_purposeversion", "delete_purposeversion")
OFFICER = (*EDITOR, "publish_purpose", "vouch_for_prose")


@pytest.fixture
def draft(brand):
    return actions.draft_purpose(brand, key="news", content=NEWS)


def test_an_officer_publishes_and_the_ledger_says_who(staff, draft):
    client = staff(*OFFICER)
    response = run(client, VERSIONS, "publish", draft)
    draft.refresh_from_db()
    assert draft.number == 1
    assert told(response) == "1 version is published."
    officer = get_user_model().objects.get(email="ola@linden.example")
    assert Entry.objects.get(id=draft.entry).actor == f"staff:{officer.reference}"


def test_an_editor_does_not_publish(staff, draft):
    run(staff(*EDITOR), VERSIONS, "publish", draft)
    draft.refresh_from_db()
    assert draft.number is None


def test_what_is_in_the_way_is_shown(staff, brand):
    bad = actions.draft_purpose(brand, key="news", content=said(ground="", title="News!"))
    response = run(staff(*OFFICER), VERSIONS, "publish", bad)
    assert "“ground” is empty." in told(response)
    assert "No exclamation marks." in told(response)
    assert "published" not in told(response)


def test_a_wrong_date_publishes_nothing(staff, draft):
    response = run(staff(*OFFICER), VERSIONS, "publish", draft, in_force_from="soon")
    draft.refresh_from_db()
    assert draft.number is None
    assert told(response) == "No action selected."


@pytest.mark.parametrize(("permissions", "number"), [(OFFICER, 2), ((*EDITOR, "publish_purpose"), None)])
def test_only_who_may_vouch_says_that_prose_says_the_same(staff, news, permissions, number):
    reworded = actions.revise(news.purpose, content=said(if_no="All stays as it is"))
    run(staff(*permissions), VERSIONS, "publish", reworded, says_the_same="on")
    reworded.refresh_from_db()
    assert reworded.number == number


def test_what_is_published_is_shown_and_not_edited(staff, news):
    client = staff(*OFFICER)
    page = client.get(f"{VERSIONS}{news.pk}/change/")
    assert page.status_code == 200
    assert news.sha256 in page.content.decode()
    assert 'name="basis"' not in page.content.decode()
    assert client.post(f"{VERSIONS}{news.pk}/change/", {"basis": "contract"}).status_code == 403
    assert client.post(f"{VERSIONS}{news.pk}/delete/", {"post": "yes"}).status_code == 403


def fields(draft, content):
    """A draft's page as a browser would send it back."""
    data = {"basis": content.basis, "classes": list(content.classes), "channels": list(content.channels)}
    data |= {"audience": content.audience, "pictogram": content.pictogram}
    data |= {"texts-TOTAL_FORMS": "2", "texts-INITIAL_FORMS": "2", "uses-TOTAL_FORMS": "2", "uses-INITIAL_FORMS": "1"}
    for number, row in enumerate(draft.texts.order_by("pk")):
        text = content.texts[row.language]
        data |= {f"texts-{number}-{name}": value for name, value in text.everything()}
        data |= {f"texts-{number}-id": row.pk, f"texts-{number}-version": draft.pk, f"texts-{number}-language": row.language}
        data |= {f"texts-{number}-channel_hints": "{}", f"texts-{number}-for_children": json.dumps(text.for_children)}
    row, use = draft.uses.get(), content.uses[0]
    data |= {f"uses-0-{name}": getattr(use, name) for name in ("role", "country", "retention_days", "retention_after", "transfer_ground")}
    data |= {
        "uses-0-category": DataCategory.objects.get(key=use.category).pk,
        "uses-0-recipient": Recipient.objects.get(key=use.recipient).pk,
    }
    return data | {
        "uses-0-id": row.pk,
        "uses-0-version": draft.pk,
        "uses-0-source": row.source_id,
        "uses-0-safeguards": list(use.safeguards),
    }


def test_a_draft_is_edited_whole(staff, draft):
    content = said(if_no="All stays as it is", content=using(replace(SEND, retention_days=7), content=replace(NEWS, channels=("email",))))
    client = staff(*EDITOR)
    assert client.get(f"{VERSIONS}{draft.pk}/change/").status_code == 200
    response = client.post(f"{VERSIONS}{draft.pk}/change/", fields(draft, content))
    assert response.status_code == 302
    assert Content.of(PurposeVersion.objects.get(pk=draft.pk)) == content


def test_whom_it_concerns_and_what_children_read_is_edited_too(staff, draft):
    content = said(
        for_children={"older": {"title": "News", "sentence": "We write once a month."}},
        content=replace(NEWS, audience="children", pictogram="eye"),
    )
    client = staff(*EDITOR)
    assert "For “younger” (8 to 12 years)" in client.get(f"{VERSIONS}{draft.pk}/change/").content.decode()
    assert client.post(f"{VERSIONS}{draft.pk}/change/", fields(draft, content)).status_code == 302
    assert Content.of(PurposeVersion.objects.get(pk=draft.pk)) == content


def test_words_that_no_child_would_be_shown_are_told(staff, draft):
    content = said(for_children={"babies": {"title": "News"}})
    response = staff(*EDITOR).post(f"{VERSIONS}{draft.pk}/change/", fields(draft, content))
    assert "Words for children are a “title” and a “sentence”" in told(response)
    assert Content.of(PurposeVersion.objects.get(pk=draft.pk)) == NEWS


def test_a_draft_that_cannot_be_written_says_why_and_stays(staff, draft):
    client = staff(*EDITOR)
    response = client.post(f"{VERSIONS}{draft.pk}/change/", fields(draft, NEWS) | {"uses-0-role": ""})
    assert "Say whom the recipient works for" in response.content.decode()
    assert Content.of(draft) == NEWS


def test_a_refusal_on_a_page_is_told(staff, draft, monkeypatch):
    from catalogue.problems import Problem

    def refuses(*args, **kwargs):
        raise Refused([Problem("word_unknown", "No such word.")])

    client = staff(*EDITOR)
    monkeypatch.setattr(actions, "revise", refuses)
    response = client.post(f"{VERSIONS}{draft.pk}/change/", fields(draft, NEWS))
    assert (response.status_code, told(response)) == (302, "No such word.")


def test_a_draft_is_thrown_away(staff, draft, brand):
    response = staff(*EDITOR).post(f"{VERSIONS}{draft.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert not brand.purposes.exists()


def test_nothing_is_deleted_from_the_list(staff, news):
    assert "delete_selected" not in staff(*OFFICER).get(VERSIONS).content.decode()


def test_a_new_purpose_begins_with_a_draft(staff, brand, news):
    response = staff(*EDITOR).post(f"{PURPOSES}add/", {"key": "news-more", "order": "4", "parent": news.purpose_id})
    assert response.status_code == 302
    purpose = brand.purposes.get(key="news-more")
    assert (purpose.order, purpose.parent, purpose.draft.number) == (4, news.purpose, None)


def test_a_taken_key_is_told(staff, brand, news):
    response = staff(*EDITOR).post(f"{PURPOSES}add/", {"key": "news", "order": "4"})
    assert "There is a purpose “news” already" in told(response)
    assert brand.purposes.count() == 1


def test_a_new_version_begins_at_the_purpose(staff, news):
    response = run(staff(*EDITOR), PURPOSES, "revise", news.purpose)
    assert told(response) == "1 draft is on the desk."
    assert news.purpose.draft is not None


def test_an_officer_ends_a_purpose(staff, news):
    response = run(staff(*OFFICER), PURPOSES, "retire", news.purpose)
    news.purpose.refresh_from_db()
    assert told(response) == "1 purpose has ended."
    assert news.purpose.retired_at is not None


def test_an_editor_does_not_end_a_purpose(staff, news):
    run(staff(*EDITOR), PURPOSES, "retire", news.purpose)
    news.purpose.refresh_from_db()
    assert news.purpose.retired_at is None


def test_another_brand_is_out_of_sight_and_reach(staff, brand):
    other = actions.draft_purpose(a_brand("loom"), key="theirs", content=NEWS)
    client = staff(*OFFICER)
    assert "theirs" not in client.get(VERSIONS).content.decode()
    run(client, VERSIONS, "publish", other)
    other.refresh_from_db()
    assert other.number is None
    assert client.get(f"{VERSIONS}{other.pk}/change/").status_code == 302  # as for a number that does not exist


def test_a_word_is_declared(staff, brand):
    client = staff("add_datacategory", "view_datacategory", "change_datacategory")
    url = "/desk/catalogue/datacategory/"
    response = client.post(f"{url}add/", {"key": "phone", "name_en": "Phone", "name_pl": "Telefon"})
    assert response.status_code == 302
    word = DataCategory.objects.get(brand=brand, key="phone")
    assert word.names["pl"] == "Telefon"
    assert client.get(f"{url}{word.pk}/change/").status_code == 200


def test_a_word_in_published_use_keeps_its_meaning(staff, brand, news):
    client = staff("view_datacategory", "change_datacategory")
    word = DataCategory.objects.get(brand=brand, key="email")
    response = client.post(f"/desk/catalogue/datacategory/{word.pk}/change/", {"name_en": "Everything", "name_pl": "Wszystko"})
    assert "stands in what was published" in told(response)
    word.refresh_from_db()
    assert word.names["en"] == "Email address"
    assert client.post(f"/desk/catalogue/datacategory/{word.pk}/delete/", {"post": "yes"}).status_code == 403


def test_lists_open(staff, news):
    client = staff(*OFFICER, "view_source", "view_recipient", "view_safeguard", "view_datacategory")
    for name in ("purpose", "purposeversion", "datacategory", "source", "recipient", "safeguard"):
        assert client.get(f"/desk/catalogue/{name}/").status_code == 200

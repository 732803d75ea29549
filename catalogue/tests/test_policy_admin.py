from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue import actions, outline
from catalogue.models import Policy, PolicyVersion
from catalogue.policy_content import PolicyContent
from catalogue.tests.conftest import a_brand
from catalogue.tests.desk import run, told
from catalogue.tests.saying_policies import EN, PL, POLICY, publish_policy, saying, without
from ledger.models import Entry

POLICIES, VERSIONS = "/desk/catalogue/policy/", "/desk/catalogue/policyversion/"
EDITOR = ("view_policy", "add_policy", "change_policy", "view_policyversion", "change_policyversion", "delete_policyversion")
OFFICER = ("view_policy", "view_policyversion", "change_policyversion", "publish_policy")


@pytest.fixture
def draft(brand):
    return actions.draft_policy(brand, key="privacy", content=POLICY)


def fields(draft, content, **more):
    """A draft's page as a browser would send it back."""
    rows = list(draft.texts.order_by("pk"))
    data = {"removed": " ".join(content.removed), "texts-TOTAL_FORMS": str(len(content.texts)), "texts-INITIAL_FORMS": str(len(rows))}
    for number, (language, words) in enumerate(sorted(content.texts.items())):
        data |= {
            f"texts-{number}-id": rows[number].pk if rows else "",
            f"texts-{number}-version": draft.pk,
            f"texts-{number}-language": language,
            f"texts-{number}-title": words.title,
            f"texts-{number}-summary": words.summary,
            f"texts-{number}-clauses": outline.write(words.clauses).replace("\n", "\r\n"),
        }
    return data | more


def change(draft):
    return f"{VERSIONS}{draft.pk}/change/"


def test_an_officer_publishes(staff, draft):
    response = run(staff(*OFFICER), VERSIONS, "publish", draft)
    draft.refresh_from_db()
    assert (draft.number, told(response)) == (1, "1 version is published.")
    assert Entry.objects.get(id=draft.entry).actor.startswith("staff:")


def test_it_is_published_from_the_day_that_the_officer_says(staff, draft):
    start = (timezone.localtime() + timedelta(days=30)).replace(microsecond=0)
    run(staff(*OFFICER), VERSIONS, "publish", draft, in_force_from=f"{start:%Y-%m-%d %H:%M:%S}")
    draft.refresh_from_db()
    assert draft.in_force_from == start


def test_an_editor_does_not_publish(staff, draft):
    run(staff(*EDITOR), VERSIONS, "publish", draft)
    draft.refresh_from_db()
    assert draft.number is None


def test_what_is_in_the_way_is_told_and_stands_on_the_page(staff, brand):
    bad = actions.draft_policy(brand, key="privacy", content=saying(language="pl", kept={"body": "Trzymamy je!"}))
    client = staff(*EDITOR, "publish_policy")
    assert "pl · kept: No exclamation marks." in client.get(change(bad)).content.decode()
    assert "pl · kept: No exclamation marks." in told(run(client, VERSIONS, "publish", bad))
    bad.refresh_from_db()
    assert bad.number is None


def test_nothing_in_the_way_is_said_too(staff, draft):
    html = staff(*EDITOR).get(change(draft)).content.decode()
    assert "What keeps it from being published" in html
    assert '<div class="readonly">Nothing</div>' in html


def test_a_draft_is_written_on_one_sheet_for_each_language(staff, draft):
    client = staff(*EDITOR)
    assert "## Kim jesteśmy {#who}" in client.get(change(draft)).content.decode()
    content = saying(kept={"body": "We keep orders for a month.\n\n- Then we delete them."})
    assert client.post(change(draft), fields(draft, content)).status_code == 302
    assert PolicyContent.of(PolicyVersion.objects.get(pk=draft.pk)) == content


def test_an_empty_draft_is_filled(staff, brand):
    draft = actions.draft_policy(brand, key="privacy", content=PolicyContent())
    client = staff(*EDITOR)
    assert client.post(change(draft), fields(draft, POLICY)).status_code == 302
    assert PolicyContent.of(PolicyVersion.objects.get(pk=draft.pk)) == POLICY


def test_clauses_are_given_up_by_name(staff, brand):
    version = publish_policy(brand)
    draft = actions.revise_policy(version.policy)
    content = without(POLICY, "kept")
    staff(*EDITOR).post(change(draft), fields(draft, content, removed=" kept "))
    assert PolicyVersion.objects.get(pk=draft.pk).removed == ["kept"]


def test_a_line_out_of_place_is_told_at_the_sheet(staff, draft):
    broken = {"texts-1-clauses": "## Kim jesteśmy {#who}\r\nSklepem.\r\n## Jak długo"}
    response = staff(*EDITOR).post(change(draft), fields(draft, POLICY, **broken))
    assert "line 3: “## Jak długo” is no heading of a clause" in response.content.decode()
    assert PolicyContent.of(draft) == POLICY


def test_an_anchor_that_is_none_is_told_and_nothing_is_saved(staff, draft):
    response = staff(*EDITOR).post(change(draft), fields(draft, saying(kept={"anchor": "How Long"})))
    assert "“How Long” is no anchor" in told(response)
    assert PolicyContent.of(draft) == POLICY


def test_what_is_published_is_shown_and_not_edited(staff, brand):
    version = publish_policy(brand)
    client = staff(*EDITOR, *OFFICER)
    html = client.get(change(version)).content.decode()
    assert version.sha256 in html
    assert "## How long {#kept}" in html
    assert "<textarea" not in html
    assert client.post(change(version), fields(version, POLICY)).status_code == 403
    assert client.post(f"{VERSIONS}{version.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_draft_is_thrown_away(staff, draft):
    assert staff(*EDITOR).post(f"{VERSIONS}{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Policy.objects.exists()


def test_a_new_policy_begins_with_a_draft(staff, brand):
    assert staff(*EDITOR).post(f"{POLICIES}add/", {"key": "privacy"}).status_code == 302
    assert brand.policies.get(key="privacy").draft.number is None


def test_a_new_version_begins_at_the_policy(staff, brand):
    version = publish_policy(brand)
    client = staff(*EDITOR)
    assert told(run(client, POLICIES, "revise", version.policy)) == "1 draft is on the desk."
    assert version.policy.draft is not None
    assert client.post(f"{POLICIES}{version.policy_id}/delete/", {"post": "yes"}).status_code == 403


def test_another_brand_is_out_of_sight_and_reach(staff, brand):
    other = actions.draft_policy(a_brand("loom"), key="theirs", content=PolicyContent({"en": EN, "pl": PL}))
    client = staff(*EDITOR, *OFFICER)
    assert "theirs" not in client.get(POLICIES).content.decode()
    run(client, VERSIONS, "publish", other)
    other.refresh_from_db()
    assert other.number is None
    assert client.get(change(other)).status_code == 302

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue import actions, outline
from catalogue.models import Policy, PolicyVersion
from catalogue.policy_content import ChangeContent, PolicyContent
from catalogue.tests.conftest import OLA, a_brand
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
    """A draft's page as a browser would send it back, its changes as they stand in the content."""
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
    return data | changes(draft, content.changes) | more


def changes(draft, told):
    rows = list(draft.changes.all())
    data = {"changes-TOTAL_FORMS": str(len(told)), "changes-INITIAL_FORMS": str(min(len(rows), len(told)))}
    for number, each in enumerate(told):
        said = {"key": each.key, "kind": each.kind, "materiality": each.materiality, "audience": each.audience, "place": number + 1}
        said |= {"id": rows[number].pk if number < len(rows) else "", "version": draft.pk, "countries": " ".join(each.countries)}
        said |= {"anchors": list(each.anchors), "purposes": list(each.purposes)} | ({"favourable": "on"} if each.favourable else {})
        said |= {f"title_{language}": words for language, words in each.titles.items()}
        said |= {f"for_you_{language}": words for language, words in each.for_you.items()}
        data |= {f"changes-{number}-{name}": value for name, value in said.items()}
    return data


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


SHORTER = saying(kept={"body": "We keep orders for **24 months**.\n\n- Then we delete them."}, who={"body": "We are a club."})
KEPT = ChangeContent(
    key="kept", kind="retention", materiality="material", favourable=True, anchors=("kept",), countries=("PL", "DE"), audience="adults",
    titles={"en": "Kept for less time", "pl": "Trzymamy krócej"}, for_you={"en": "We delete what is older.", "pl": "Usuniemy starsze."},
)  # fmt: skip
WHO = ChangeContent(
    key="who", kind="wording", materiality="editorial", anchors=("who",), purposes=("news",),
    titles={"en": "Who we are", "pl": "Kim jesteśmy"}, for_you={"en": "Nothing changes.", "pl": "Nic się nie zmienia."},
)  # fmt: skip


@pytest.fixture
def second(brand, news):
    """The draft of a second version, of which nothing is told yet."""
    return actions.revise_policy(publish_policy(brand).policy, content=SHORTER)


def stored(draft):
    return PolicyContent.of(PolicyVersion.objects.get(pk=draft.pk))


def test_each_change_is_told_in_each_language_and_saved_with_the_text(staff, second):
    content = replace(SHORTER, changes=(KEPT, WHO))
    assert staff(*EDITOR).post(change(second), fields(second, content)).status_code == 302
    assert stored(second) == content


def test_what_is_saved_again_unchanged_stays(staff, second):
    content = replace(SHORTER, changes=(KEPT, WHO))
    actions.revise_policy(second.policy, content=content)
    assert staff(*EDITOR).post(change(second), fields(second, content)).status_code == 302
    assert stored(second) == content


def test_their_order_is_the_one_given(staff, second):
    content = replace(SHORTER, changes=(KEPT, WHO))
    actions.revise_policy(second.policy, content=content)
    client = staff(*EDITOR)
    client.post(change(second), fields(second, content, **{"changes-0-place": "2", "changes-1-place": "1"}))
    assert [each.key for each in stored(second).changes] == ["who", "kept"]
    swapped = replace(content, changes=(WHO, KEPT))
    client.post(change(second), fields(second, swapped, **{"changes-0-place": ""}))  # without a place: at the end
    assert [each.key for each in stored(second).changes] == ["kept", "who"]


def test_a_change_is_taken_out(staff, second):
    content = replace(SHORTER, changes=(KEPT, WHO))
    actions.revise_policy(second.policy, content=content)
    staff(*EDITOR).post(change(second), fields(second, content, **{"changes-0-DELETE": "on"}))
    assert [each.key for each in stored(second).changes] == ["who"]


def test_the_page_offers_the_clauses_that_differ_and_the_published_uses(staff, second):
    html = staff(*EDITOR).get(change(second)).content.decode()
    assert "How long (kept)" in html
    assert "Who we are (who)" in html
    assert "(officer)" not in html
    assert "News (news)" in html
    for name in ("title_en", "title_pl", "for_you_en", "for_you_pl"):
        assert f'name="changes-0-{name}"' in html


def test_a_clause_that_no_longer_differs_stays_ticked_until_somebody_takes_it_out(staff, second):
    content = replace(saying(kept={"body": "We keep orders for a month."}), changes=(KEPT, WHO))
    actions.revise_policy(second.policy, content=content)
    html = staff(*EDITOR).get(change(second)).content.decode()
    assert re.search(r'name="changes-1-anchors" value="who"[^>]* checked', html)
    assert "who: The clause “who” reads as before." in html


@pytest.mark.parametrize("strange", [replace(KEPT, anchors=("officer",)), replace(KEPT, purposes=("never",))])
def test_a_clause_or_a_use_that_is_not_offered_is_refused(staff, second, strange):
    response = staff(*EDITOR).post(change(second), fields(second, replace(SHORTER, changes=(strange,))))
    assert "Select a valid choice" in response.content.decode()
    assert stored(second).changes == ()


def test_the_page_says_what_no_change_tells_of(staff, second):
    client = staff(*EDITOR)
    assert "Nobody would learn what changed" in client.get(change(second)).content.decode()
    actions.revise_policy(second.policy, content=replace(SHORTER, changes=(KEPT,)))
    assert "The clause “who” reads otherwise than before, and no change tells of it." in client.get(change(second)).content.decode()


def test_the_page_says_how_long_before_it_applies_it_must_be_published(staff, second):
    said = "It must be published at least 30 days before it applies."
    client = staff(*EDITOR)
    actions.revise_policy(second.policy, content=replace(SHORTER, changes=(replace(KEPT, materiality="editorial", favourable=False), WHO)))
    assert said not in client.get(change(second)).content.decode()
    actions.revise_policy(second.policy, content=replace(SHORTER, changes=(KEPT, WHO)))
    assert said in client.get(change(second)).content.decode()


def test_an_officer_is_told_that_the_day_is_too_near(staff, second):
    actions.revise_policy(second.policy, content=replace(SHORTER, changes=(KEPT, WHO)))
    client = staff(*OFFICER)
    assert "People must be told 30 days before it applies" in told(run(client, VERSIONS, "publish", second))
    start = timezone.localtime() + timedelta(days=30, hours=2)
    run(client, VERSIONS, "publish", second, in_force_from=f"{start:%Y-%m-%d %H:%M:%S}")
    second.refresh_from_db()
    assert second.number == 2


def test_proposals_are_made_when_the_page_is_saved_and_of_what_is_saved(staff, second):
    content = replace(SHORTER, changes=(WHO,))
    client = staff(*EDITOR)
    client.get(change(second), {"propose": "on"})
    assert stored(second).changes == ()
    client.post(change(second), fields(second, content, propose="on"))
    assert [(each.key, each.kind, each.anchors) for each in stored(second).changes] == [
        ("who", "wording", ("who",)),
        ("kept", "retention", ("kept",)),
    ]
    client.post(change(second), fields(second, stored(second), propose="on"))
    assert len(stored(second).changes) == 2


def test_proposals_are_made_from_the_list(staff, second):
    client = staff(*EDITOR)
    assert told(run(client, VERSIONS, "propose", second)) == "2 changes are proposed."
    assert {each.key for each in stored(second).changes} == {"who", "kept"}
    assert "en · kept: It is not told in “en”." in client.get(change(second)).content.decode()


def test_who_only_reads_proposes_nothing(staff, second):
    client = staff("view_policyversion")
    html = client.get(change(second)).content.decode()
    assert 'name="propose"' not in html
    run(client, VERSIONS, "propose", second)
    assert client.post(change(second), fields(second, SHORTER, propose="on")).status_code == 403
    assert stored(second).changes == ()


def test_of_a_published_version_nothing_is_proposed(staff, brand):
    version = publish_policy(brand)
    run(staff(*EDITOR), VERSIONS, "propose", version)
    assert version.policy.draft is None
    assert not version.changes.exists()


def test_the_first_version_has_no_changes_to_tell(staff, draft):
    html = staff(*EDITOR).get(change(draft)).content.decode()
    assert "changes-TOTAL_FORMS" not in html
    assert 'name="propose"' not in html


def test_what_a_published_version_told_is_shown_and_not_edited(staff, second):
    actions.revise_policy(second.policy, content=replace(SHORTER, changes=(KEPT, WHO)))
    version = actions.publish_policy(second, by=OLA, in_force_from=timezone.now() + timedelta(days=31))
    client = staff(*EDITOR, *OFFICER)
    html = client.get(change(version)).content.decode()
    for words in (
        "<p>en: Kept for less time<br>We delete what is older.</p>", "<p>pl: Trzymamy krócej<br>Usuniemy starsze.</p>",
        "how long it is kept", "material: those affected are told in time", "PL, DE", ">kept<", ">news<",
    ):  # fmt: skip
        assert words in html
    assert 'name="changes-0-kind' not in html
    assert client.post(change(version), fields(version, replace(SHORTER, changes=(KEPT,)))).status_code == 403
    assert stored(version).changes == (KEPT, WHO)

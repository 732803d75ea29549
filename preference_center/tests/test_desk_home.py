"""The desk's first page: what is late stands on top, each line is one click from where it is done, and nobody reads what is not theirs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import join
from accounts.assurance import NOTHING
from accounts.models import Customer
from brands.models import Brand
from consents.actions import receive
from data_requests.states import UNVERIFIED
from data_requests.tests.conftest import SESSION, asked
from jobs.models import Job
from preference_center.tests.test_desk import DESK, AtDesk
from preference_center.tests.test_desk import at_desk as at_desk  # fixtures
from preference_center.tests.test_desk import mailbox as mailbox
from propagation.actions import issue_key
from propagation.models import Endpoint, Partner
from propagation.tests.conftest import crm as crm

pytestmark = pytest.mark.django_db


def groups(browser: Any) -> dict[str, list[str]]:
    return {group.key: [line.what for line in group.lines] for group in browser.get(DESK).context["due"]}


def long_ago(days: int) -> Any:
    return time_machine.travel(timezone.now() - timedelta(days=days), tick=False)


def test_where_nothing_is_to_be_done_it_says_so(at_desk: AtDesk) -> None:
    assert "Nothing is late" in at_desk("agent").get(DESK).content.decode()


def test_what_is_late_stands_first_and_is_one_click_away(at_desk: AtDesk, anna: Customer) -> None:
    with long_ago(60):
        late = asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})
    later = asked(anna, "review", SESSION, asked={"text": "Why?"})
    sam = at_desk("agent")
    page = sam.get(DESK)
    (group,) = page.context["due"]
    assert (group.key, [line.what for line in group.lines]) == ("late", [f"{late.number}: complaint"])
    assert "days late" in group.lines[0].clock
    assert later.number not in page.content.decode()
    link = re.search(rf'href="([^"]*)">{late.number}', page.content.decode())
    assert link
    assert link[1] == f"/desk/requests/request/{late.pk}/"


def test_today_this_week_and_no_further(at_desk: AtDesk, anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "Why?"})
    sam = at_desk("agent")
    for days, key in ((0, "today"), (3, "week"), (7, "week")):
        type(request).objects.filter(pk=request.pk).update(due=timezone.localdate() + timedelta(days=days))
        assert list(groups(sam)) == [key]
    type(request).objects.filter(pk=request.pk).update(due=timezone.localdate() + timedelta(days=8))
    assert groups(sam) == {}


def test_an_officer_sees_partners_keys_law_background_and_people_to_tell(at_desk: AtDesk, crm: Partner, anna: Customer) -> None:
    until = timezone.now() + timedelta(days=5)
    issue_key(crm, name="nightly", verbs=["decisions:read"], purposes=["news"], expires_at=until, by="system:tests")
    Endpoint.objects.create(
        partner=crm, url="https://crm.example/hook", secret="x", number="ep_1", failing_since=timezone.now() - timedelta(days=2)
    )
    Job.objects.create(handler="tests.work", run_after=timezone.now(), gave_up_at=timezone.now(), error="OSError")
    with long_ago(28):
        receive(anna, source="carrier", categories=["parcel-days"], received_on=timezone.localdate(), by="system:tests")
    found = groups(at_desk("officer"))
    assert found["week"] == ["Somebody must be told of data that came in", "An API key ends"]
    assert {"A partner does not answer", "Background work was given up"} <= set(found["waits"])
    assert any("of the law" in what for what in found["waits"])
    for role in ("agent", "editor"):
        assert groups(at_desk(role)) == {}


def test_nothing_of_another_brand_stands_there(at_desk: AtDesk, marta: Customer) -> None:
    with long_ago(60):
        asked(marta, "complaint", SESSION, asked={"text": "Nobody answers."})
    assert groups(at_desk("agent")) == {}


def test_a_long_queue_is_cut_says_so_and_costs_the_same(
    at_desk: AtDesk, anna: Customer, linden: Brand, django_assert_max_num_queries: Any
) -> None:
    officer = at_desk("officer", "agent")
    with long_ago(60):
        asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})
    officer.get(DESK)
    with django_assert_max_num_queries(25) as few:
        officer.get(DESK)
    with long_ago(60):
        for number in range(20):
            other = join(brand=linden, address=f"other{number}@example.com", language="en")
            asked(other, "complaint", SESSION, asked={"text": "Nobody answers."})
    with django_assert_max_num_queries(len(few)):
        late = groups(officer)["late"]
    assert len(late) == 9
    assert late[-1] == "and more"
    soon = asked(anna, "review", SESSION, asked={"text": "Why?"})
    type(soon).objects.filter(pk=soon.pk).update(due=timezone.localdate())
    assert [what.partition(":")[0] for what in groups(officer)["today"]] == [soon.number], "not behind those that are late"


def test_whoever_has_no_role_is_told_whom_to_ask(at_desk: AtDesk) -> None:
    page = at_desk().get(DESK).content.decode()
    assert "You have no role here yet" in page
    assert "Find a customer" not in page


def test_who_has_not_shown_who_they_are_is_late_as_well_at_home_and_in_the_queue(at_desk: AtDesk, anna: Customer) -> None:
    with long_ago(60):
        request = asked(anna, "copy", NOTHING)
    assert not request.is_late(timezone.now())
    assert request.state in UNVERIFIED
    sam = at_desk("agent")
    (group,) = sam.get(DESK).context["due"]
    assert (group.key, [line.what.partition(":")[0] for line in group.lines]) == ("late", [request.number])
    assert request.number in sam.get("/desk/requests/request/?open=late").content.decode()

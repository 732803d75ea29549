"""Campaigns at the desk: whom a change will reach, how far it is while it runs, and the proof of each person after."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

import catalogue
from accounts.actions import join
from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import load_policy, revise_policy
from catalogue.policy_content import PolicyContent
from jobs.actions import run_due
from ledger.models import Entry
from ledger.proving import prove
from notifications.models import Campaign, Message
from notifications.sending.loop import send_all
from preference_center.tests.test_desk import AtDesk, press, seat, told, written

CAMPAIGNS = "/desk/notifications/campaign/"
PACK = Path(catalogue.__file__).parent / "packs" / "policy-shop.yaml"


@pytest.fixture(autouse=True)
def in_the_folder(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    settings.DATA_DIR = tmp_path
    settings.CELERY_BROKER_URL = ""


@pytest.fixture
def at_desk(linden: Brand, settings: Any) -> AtDesk:
    return lambda *groups: seat(linden, settings.MAIL_DIR, *groups)


@pytest.fixture
def campaign(linden: Brand, anna: Customer, carol: Customer) -> Campaign:
    """Chosen: Anna, Carol and somebody without an address; nothing has gone out yet."""
    nowhere = join(brand=linden, address="nowhere@example.com", language="pl")
    nowhere.contacts.all().delete()
    load_policy(linden, PACK, by="system:tests")
    prove()
    run_due()
    return Campaign.objects.get(brand=linden)


def test_everybody_is_accounted_for_while_it_runs_and_after(at_desk: AtDesk, campaign: Campaign) -> None:
    officer = at_desk("officer")
    page = officer.get(CAMPAIGNS).content.decode()
    assert "1/3" in page, "the one without an address is accounted for already"
    assert "Sending" in page
    assert "Pause" in officer.get(f"{CAMPAIGNS}{campaign.pk}/").content.decode()
    send_all()
    one = officer.get(f"{CAMPAIGNS}{campaign.pk}/").content.decode()
    assert "Pause" not in one, "there is nothing left to pause"
    assert "3/3" in one
    assert "Done" in one
    assert "Without an address; shown in the center" in one


def test_pause_holds_and_resume_lets_go(at_desk: AtDesk, campaign: Campaign) -> None:
    officer = at_desk("officer")
    assert "1 campaign is paused." in told(officer, press(officer, CAMPAIGNS, "pause", campaign))
    assert "0 campaigns are paused." in told(officer, press(officer, CAMPAIGNS, "pause", campaign)), "twice is once"
    assert send_all() == 0
    assert "Paused" in officer.get(f"{CAMPAIGNS}{campaign.pk}/").content.decode()
    assert "1 campaign goes on." in told(officer, press(officer, CAMPAIGNS, "resume", campaign))
    assert send_all() == 2
    acts = Entry.objects.filter(kind__startswith="campaign.").order_by("pk")
    assert [(entry.kind, entry.actor[:6]) for entry in acts] == [("campaign.paused", "staff:"), ("campaign.resumed", "staff:")]


def test_an_end_is_for_good_and_says_how_many_were_not_written_to(at_desk: AtDesk, campaign: Campaign) -> None:
    officer = at_desk("officer")
    assert "Ended. 2 people were not written to." in told(officer, press(officer, CAMPAIGNS, "end", campaign))
    assert send_all() == 0
    assert set(Message.objects.exclude(state="in_center").values_list("state", "why")) == {("dropped", "over")}
    press(officer, CAMPAIGNS, "resume", campaign)
    assert send_all() == 0
    officer.post(f"{CAMPAIGNS}{campaign.pk}/proof/")
    acts = list(Entry.objects.filter(kind__startswith="campaign.").order_by("pk").values_list("kind", flat=True))
    assert acts == ["campaign.ended", "campaign.exported"]


def test_an_auditor_looks_and_an_agent_does_not(at_desk: AtDesk, campaign: Campaign) -> None:
    auditor, agent = at_desk("auditor"), at_desk("agent")
    assert auditor.get(f"{CAMPAIGNS}{campaign.pk}/").status_code == 200
    press(auditor, CAMPAIGNS, "pause", campaign)
    assert not Campaign.objects.exclude(paused_at=None).exists(), "looking is not doing"
    assert agent.get(CAMPAIGNS).status_code == 403
    assert agent.get(f"{CAMPAIGNS}{campaign.pk}/").status_code == 404
    assert agent.post(f"{CAMPAIGNS}{campaign.pk}/proof/").status_code == 404


def test_another_brands_campaign_is_not_there(at_desk: AtDesk, kingfisher: Brand, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(brand=kingfisher)
    officer = at_desk("officer")
    assert officer.get(f"{CAMPAIGNS}{campaign.pk}/").status_code == 404
    assert "2 change" not in officer.get(CAMPAIGNS).content.decode()


def test_the_proof_names_everybody_by_their_code_and_nobody_by_address(at_desk: AtDesk, campaign: Campaign, anna: Customer) -> None:
    send_all()
    officer = at_desk("officer")
    assert officer.get(f"{CAMPAIGNS}{campaign.pk}/proof/").status_code == 405, "a download is an act"
    answer = officer.post(f"{CAMPAIGNS}{campaign.pk}/proof/")
    text = b"".join(answer).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["state"] for row in rows) == ["in_center", "sent", "sent"]
    mine = next(row for row in rows if row["customer"] == anna.code)
    message = Message.objects.get(customer=anna)
    assert (mine["message_id"], mine["sha256"], mine["acted"]) == (message.message_id, message.body_sha256, "False")
    assert "@example.com" not in text


def test_the_dry_run_counts_and_shows_different_mails_and_writes_nothing(at_desk: AtDesk, linden: Brand, campaign: Campaign) -> None:
    version = campaign.version
    officer = at_desk("officer")
    before = (Message.objects.count(), written())
    page = officer.get(f"{CAMPAIGNS}preview/{version.pk}/").content.decode()
    assert "Photos of your room to try fabrics on" in page
    assert "Three changes to our privacy policy" in page
    assert "Dear Anna" in page
    assert "/u/SAMPLE/" in page
    assert "x0mark" not in page
    html = officer.get(f"{CAMPAIGNS}preview/{version.pk}/0/")
    assert "unsafe-inline" in html["Content-Security-Policy"]
    assert officer.get(f"{CAMPAIGNS}preview/{version.pk}/9/").status_code == 404
    assert (Message.objects.count(), written()) == before


def test_a_draft_can_be_tried_before_it_is_published(at_desk: AtDesk, linden: Brand, anna: Customer) -> None:
    load_policy(linden, PACK, by="system:tests")
    policy = linden.policies.get()
    newest = policy.newest
    assert newest is not None
    draft = revise_policy(policy, content=PolicyContent.of(newest))
    officer = at_desk("officer")
    page = officer.get(f"{CAMPAIGNS}preview/{draft.pk}/").content.decode()
    assert "Photos of your room" in page
    form = officer.get(f"/desk/catalogue/policyversion/{draft.pk}/change/").content.decode()
    assert f"{CAMPAIGNS}preview/{draft.pk}/" in form

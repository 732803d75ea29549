"""Background work: choosing whom a campaign or a newsletter reaches, and beginning reminders."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from catalogue.models import Change, PolicyVersion
from consents.figures import people as people_of
from consents.models import Topic
from jobs.handlers import Work, daily, handler
from notifications import actions, marketing
from notifications.choosing import AT_ONCE, Choosing, next_people
from notifications.models import Campaign


@handler("notifications.choose")
def choose_people(work: Work) -> None:
    """Walks the brand's customers by their keys, some thousands a transaction; a second run goes on where the first was ended."""
    campaign = Campaign.objects.select_related("brand", "version__policy").get(pk=work.payload["campaign"])
    after, done, everybody = work.cursor.get("after", 0), work.cursor.get("done", 0), people_of(campaign.brand)
    while (people := next_people(campaign, after, AT_ONCE)) and not _ended(campaign):
        chosen = Choosing(campaign, people, timezone.now())
        cursor = {"after": people.last, "done": done + people.count}
        with work.chunk(done=done + people.count, cursor=cursor, total=max(everybody, done + people.count)):
            chosen.write()
            Campaign.objects.filter(pk=campaign.pk).update(looked_at=done + people.count)
        after, done = people.last, done + people.count
        actions.look_now()
    with work.finishing():
        Campaign.objects.filter(pk=campaign.pk, chosen_at=None).update(chosen_at=timezone.now())


@handler("notifications.send_to_all")
def send_to_all(work: Work) -> None:
    """One statement, committed with "done": a second run writes nothing."""
    with work.finishing():
        topic = Topic.objects.filter(pk=work.payload["topic"]).first()
        if topic is not None:
            marketing.write_to_all(topic, work.payload["kind"])


def _ended(campaign: Campaign) -> bool:
    """Somebody may do so while it is still being chosen for."""
    return Campaign.objects.filter(pk=campaign.pk).exclude(ended_at=None).exists()


@daily("notifications.remind", at_hour=7)
def remind(work: Work) -> None:
    """Once a version, a week before it applies, and only where something waits for a decision."""
    soon = work.now + timedelta(days=settings.POLICY_REMINDER_DAYS)
    coming = PolicyVersion.objects.filter(
        campaigns__kind=Campaign.Kind.CHANGE,
        campaigns__ended_at=None,
        in_force_from__gt=work.now,
        in_force_from__lte=soon,
        changes__materiality=Change.Materiality.NEEDS_CONSENT,
    )
    told_before = work.now - timedelta(days=settings.POLICY_REMINDER_DAYS)
    for version in coming.filter(campaigns__created_at__lte=told_before).select_related("policy__brand").distinct():
        actions.begin_reminder(version)
    again = Campaign.objects.filter(kind=Campaign.Kind.CHANGE, ended_at=None, chosen_at__lte=told_before, version__in_force_from__lte=soon)
    for campaign in again.filter(version__in_force_from__gt=work.now):
        actions.choose_again(campaign)
